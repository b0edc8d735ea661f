import { type ConnectionStage, ConnectorError, errorCodeOf } from '@sqlflow/connector-contract';
import type { ConnectionSettings } from './connection-settings.js';

const unknownAuthority =
  'no authority that is trusted vouches for the certificate of the server; give the certificate of its authority as tls.ca';

/** By what Node and OpenSSL call it: what is wrong, and what to do. */
const explanations: ReadonlyMap<string, string> = new Map([
  ['CERT_HAS_EXPIRED', 'a certificate of the server has expired; it needs a new one'],
  ['CERT_NOT_YET_VALID', 'a certificate of the server is not valid yet; look at the clocks of both machines'],
  ['CERT_REVOKED', 'the certificate of the server was revoked; it needs a new one'],
  ['CERT_SIGNATURE_FAILURE', unknownAuthority],
  ['CERT_UNTRUSTED', unknownAuthority],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', unknownAuthority],
  ['SELF_SIGNED_CERT_IN_CHAIN', unknownAuthority],
  ['UNABLE_TO_GET_ISSUER_CERT', unknownAuthority],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', unknownAuthority],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', unknownAuthority],
]);

/**
 * Says what is wrong with TLS in a connection that failed at `stage`; nothing if it is something else.
 *
 * @param answer - The server's first byte, with which it says whether it speaks TLS.
 */
export function explainTls(
  error: unknown,
  stage: ConnectionStage,
  { host, tls }: ConnectionSettings,
  answer: number | undefined,
): string | undefined {
  if (tls.mode === 'disable') return undefined;
  const code = errorCodeOf(error) ?? '';
  const known = explanations.get(code);
  if (known !== undefined) return known;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return (
      `the certificate of the server is for ${namesOf(error)}, not for ${tls.serverName ?? host}; ` +
      'connect by a name that it carries, or say by tls.serverName which one to expect'
    );
  }
  if (/^ERR_SSL_.*ALERT/.test(code)) {
    return 'the server refused TLS as this client would have it; does it accept the certificate of the client (tls.cert, tls.key)?';
  }
  if (code.startsWith('ERR_OSSL_')) {
    return 'TLS cannot be prepared; are tls.ca, tls.cert and tls.key in order, and do the last two belong together?';
  }
  if (/^ERR_(SSL|TLS)_|^EPROTO$/.test(code)) return 'the server and this client could not agree on TLS';
  if (stage !== 'tls' || code !== '') return undefined;
  if (answer === 0x4e) {
    return "the server speaks no TLS; it needs ssl = on, or tls: 'disable' if nobody can come in between";
  }
  return answer === undefined ? undefined : 'what answers there does not begin TLS as PostgreSQL does';
}

export function tlsError(doing: string, explanation: string, cause: unknown): ConnectorError {
  const serverCode = errorCodeOf(cause);
  const suffix = serverCode === undefined ? '' : ` (${serverCode})`;
  return new ConnectorError('tls-failed', `${doing} failed: ${explanation}${suffix}`, {
    kind: 'terminal',
    effect: 'none',
    cause,
    ...(serverCode !== undefined && { serverCode }),
  });
}

/** The names that a certificate carries, as Node tells them: `DNS:db.example, IP Address:10.0.0.1`. */
function namesOf(error: unknown): string {
  const certificate: unknown = Reflect.get(Object(error) as object, 'cert');
  const names: unknown = Reflect.get(Object(certificate) as object, 'subjectaltname');
  return typeof names === 'string' ? names.slice(0, 300) : 'no name';
}
