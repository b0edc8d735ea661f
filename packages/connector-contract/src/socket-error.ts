import type { ConnectorErrorCode } from './connector-error.js';

export interface Classification {
  readonly code: ConnectorErrorCode;
  readonly kind: 'transient' | 'terminal';
}

/** What the operating system and TLS say of a connection, by Node's `error.code`. The same for every server. */
const byErrno: ReadonlyMap<string, Classification> = new Map([
  ['ECONNREFUSED', { code: 'connection-refused', kind: 'transient' }],
  ['ECONNRESET', { code: 'connection-lost', kind: 'transient' }],
  ['EPIPE', { code: 'connection-lost', kind: 'transient' }],
  ['ECONNABORTED', { code: 'connection-lost', kind: 'transient' }],
  ['ETIMEDOUT', { code: 'timeout', kind: 'transient' }],
  ['ENETUNREACH', { code: 'unavailable', kind: 'transient' }],
  ['EHOSTUNREACH', { code: 'unavailable', kind: 'transient' }],
  ['EAI_AGAIN', { code: 'host-not-found', kind: 'transient' }],
  ['ENOTFOUND', { code: 'host-not-found', kind: 'terminal' }],
  ['CERT_HAS_EXPIRED', { code: 'tls-failed', kind: 'terminal' }],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', { code: 'tls-failed', kind: 'terminal' }],
  ['SELF_SIGNED_CERT_IN_CHAIN', { code: 'tls-failed', kind: 'terminal' }],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', { code: 'tls-failed', kind: 'terminal' }],
  ['CERT_NOT_YET_VALID', { code: 'tls-failed', kind: 'terminal' }],
  ['CERT_REVOKED', { code: 'tls-failed', kind: 'terminal' }],
  ['UNABLE_TO_GET_ISSUER_CERT', { code: 'tls-failed', kind: 'terminal' }],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', { code: 'tls-failed', kind: 'terminal' }],
  ['ERR_TLS_CERT_ALTNAME_INVALID', { code: 'tls-failed', kind: 'terminal' }],
  ['EPROTO', { code: 'tls-failed', kind: 'terminal' }], // no TLS is spoken there, or none that both sides accept
  ['ERR_SSL_WRONG_VERSION_NUMBER', { code: 'tls-failed', kind: 'terminal' }],
]);

/** The `code` that Node, `pg`, `minio` and `ioredis` put on their errors, if there is one. */
export function errorCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Classifies what the operating system or TLS said.
 *
 * @returns `undefined` for an error that did not come from the connection itself. An `AggregateError`, which Node
 * throws when every address of a name failed, is judged by its first member.
 */
export function classifySocketError(error: unknown): Classification | undefined {
  const code = errorCodeOf(error);
  const found = code === undefined ? undefined : byErrno.get(code);
  if (found === undefined && error instanceof AggregateError) return classifySocketError(error.errors[0]);
  return found;
}
