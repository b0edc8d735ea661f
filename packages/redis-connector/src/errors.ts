import {
  type Classification,
  classifySocketError,
  ConnectorError,
  type ConnectorErrorCode,
  errorCodeOf,
} from '@sqlflow/connector-contract';

const transient = (code: ConnectorErrorCode): Classification => ({ code, kind: 'transient' });
const terminal = (code: ConnectorErrorCode): Classification => ({ code, kind: 'terminal' });

/** The first word of an error reply is its kind; the rest is a sentence for people. */
const byPrefix: ReadonlyMap<string, Classification> = new Map([
  ['NOAUTH', terminal('authentication-failed')],
  ['WRONGPASS', terminal('authentication-failed')],
  ['NOPERM', terminal('permission-denied')],
  ['DENIED', terminal('permission-denied')], // protected mode
  ['LOADING', transient('unavailable')],
  ['BUSY', transient('unavailable')],
  ['MASTERDOWN', transient('unavailable')],
  ['CLUSTERDOWN', transient('unavailable')],
  ['TRYAGAIN', transient('unavailable')],
  ['NOREPLICAS', transient('unavailable')],
  ['MISCONF', transient('unavailable')],
  ['READONLY', transient('unavailable')], // a failover is under way
  ['OOM', transient('unavailable')],
  ['MOVED', terminal('unsupported')], // a cluster
  ['ASK', terminal('unsupported')],
  ['CROSSSLOT', terminal('unsupported')],
  ['NOPROTO', terminal('unsupported')],
  ['WRONGTYPE', terminal('invalid-data')],
  ['NOSCRIPT', terminal('not-found')],
  ['BUSYGROUP', terminal('conflict')],
  ['ERR', terminal('invalid-request')],
]);

/** What the general `ERR` means where only one thing can be meant. */
const erroneous: ReadonlyMap<string, ConnectorErrorCode> = new Map([
  ['AUTH', 'authentication-failed'], // there is no such user, or no password to be given
  ['SELECT', 'not-found'], // there are fewer databases
]);

/**
 * Says what an error reply means.
 * The reply itself is not kept as the cause: ioredis hangs the arguments of the command on it, a password among them.
 * Nor is its sentence for AUTH: Redis repeats the arguments of a command that it does not know, and AUTH can be renamed.
 */
export function replyError(reply: Error, command: string): ConnectorError {
  const prefix = /^[A-Z][A-Z0-9]*(?= |$)/.exec(reply.message)?.[0];
  const listed = prefix === undefined ? undefined : byPrefix.get(prefix);
  const { code, kind } = listed ?? terminal('invalid-request');
  const said = command === 'AUTH' ? (prefix ?? 'an error') : reply.message;
  return new ConnectorError(
    (prefix === 'ERR' && erroneous.get(command)) || code,
    `Redis answered ${command} with ${said}`,
    { kind, effect: 'none', ...(prefix !== undefined && { serverCode: prefix }) },
  );
}

/** Says what went wrong with the connection itself. A `ConnectorError` is returned as it is. */
export function connectionError(error: unknown, place: string): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const errno = errorCodeOf(error);
  const { code, kind } = classifySocketError(error) ?? transient('connection-lost');
  return new ConnectorError(code, `${place}: ${explanations.get(code) ?? 'the connection failed'}`, {
    kind,
    effect: 'none',
    cause: error,
    ...(errno !== undefined && { serverCode: errno }),
  });
}

const explanations: ReadonlyMap<ConnectorErrorCode, string> = new Map([
  ['connection-refused', 'connection refused; nothing listens there'],
  ['host-not-found', 'the host name has no address'],
  ['connection-lost', 'the connection was lost'],
  ['tls-failed', 'TLS could not be set up; see the cause, and the options useTls and certificateAuthority'],
  ['timeout', 'the connection timed out'],
  ['unavailable', 'the host cannot be reached'],
]);

/** The server does not speak Redis' protocol, or not in the way that a command of ours is answered. */
export function protocolError(what: string, cause?: unknown): ConnectorError {
  return new ConnectorError('protocol-violation', what, {
    kind: 'terminal',
    effect: 'none',
    ...(cause !== undefined && { cause }),
  });
}

/** Something was not ready in time. The server may still be at it. */
export function timeoutError(what: string, option: string, ms: number): ConnectorError {
  const message = `${what} within ${option}, which is ${String(ms)}`;
  return new ConnectorError('timeout', message, { kind: 'transient', effect: 'none' });
}
