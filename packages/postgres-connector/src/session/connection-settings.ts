import type { Secret } from '@sqlflow/connector-contract';
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls';

/** All that it takes to connect. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret;
  readonly tls: TlsSettings;
  readonly connectTimeoutMs: number;
  readonly acquireTimeoutMs: number;
  readonly silenceTimeoutMs: number;
  readonly statementTimeoutMs?: number | undefined;
  readonly lockTimeoutMs?: number | undefined;
  readonly idleInTransactionTimeoutMs?: number | undefined;
  readonly applicationName: string;
  readonly maxConnections: number;
  readonly maxWaiting: number;
}

export interface TlsSettings {
  readonly mode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: Secret | undefined;
  readonly serverName?: string | undefined;
}

export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

/** Where to dial: a host that begins with `/` is the folder of a Unix socket. */
export function addressOf({ host, port }: ConnectionSettings): Address {
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${String(port)}` } : { host, port };
}

/** For messages. */
export function addressText({ host, port }: ConnectionSettings): string {
  return host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

/** What to check when TLS begins. Both the connection and the request that cancels its query begin with it. */
export function tlsOptionsOf({ mode, ca, cert, key, serverName }: TlsSettings): ConnectionOptions {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key: key.reveal() }),
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
    // pg sets the name itself, to that of the host, so the check is where another one can be put in its place.
    ...(serverName !== undefined && {
      checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
        checkServerIdentity(serverName, certificate),
    }),
    rejectUnauthorized: mode !== 'require',
  };
}
