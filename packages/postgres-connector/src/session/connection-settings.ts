import type { Secret } from '@sqlflow/connector-contract';
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls';

/** All that it takes to connect. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret;
  readonly tls: false | TlsSettings;
  readonly connectTimeoutMs: number;
  readonly acquireTimeoutMs: number;
  readonly silenceTimeoutMs: number;
  readonly statementTimeoutMs?: number | undefined;
  readonly lockTimeoutMs?: number | undefined;
  readonly idleInTransactionTimeoutMs?: number | undefined;
  readonly applicationName: string;
  readonly maxConnections: number;
}

export interface TlsSettings {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: Secret | undefined;
  readonly serverName?: string | undefined;
  readonly rejectUnauthorized: boolean;
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

export function tlsOptionsOf({
  ca,
  cert,
  key,
  serverName,
  rejectUnauthorized,
}: TlsSettings): ConnectionOptions {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key: key.reveal() }),
    // pg sets the name itself, to that of the host, so the check is where another one can be put in its place.
    ...(serverName !== undefined && {
      checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
        checkServerIdentity(serverName, certificate),
    }),
    rejectUnauthorized,
  };
}
