import { PostgresSource, type PostgresTlsMode, type PostgresTlsOptions } from '@sqlflow/postgres-connector';
import { VirtualClock } from '@sqlflow/resilience/testing';
import { type PrivatePostgres, startPrivateServer } from '@sqlflow/test-harness';
import { Client } from 'pg';
import { identity, type Identity } from './certificates.js';

/** A PostgreSQL of the test's own that speaks TLS. Its authority vouches for clients too. */
export interface TlsServer extends AsyncDisposable {
  readonly authority: Identity;
  /** Gives the server another certificate, which it has for the next connection. */
  present(certificate: Identity): Promise<void>;
  /** Asks as the superuser, over TLS. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /**
   * As `postgres`, to `localhost`. Its clock stands still, so that no time limit makes up for a cancel that fails.
   */
  open(tls: PostgresTlsMode | PostgresTlsOptions, others?: { host?: string; user?: string }): PostgresSource;
}

/** `needs_certificate` is a role that comes in with a certificate of the client only; any other must come over TLS. */
const hostRules = `hostssl all needs_certificate all scram-sha-256 clientcert=verify-ca
hostssl all all all scram-sha-256`;

export async function startTlsServer(): Promise<TlsServer> {
  const server = await startPrivateServer('postgres');
  try {
    return await secure(server);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

async function secure(server: PrivatePostgres): Promise<TlsServer> {
  const { endpoint } = server;
  const authority = identity('authority of a test');
  const client = new Client({ ...endpoint });
  await client.connect();
  // By the server itself: only its own account can read its data folder.
  const write = async (file: string, text: string): Promise<void> => {
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => client.escapeLiteral(line));
    await client.query(`COPY (SELECT unnest(ARRAY[${lines.join(', ')}]))
      TO PROGRAM 'umask 077; cat > ${file}'`);
  };
  const reload = async (): Promise<void> => {
    const loadTime = async (also = ''): Promise<unknown> => {
      const { rows } = await client.query<{ at: string }>(`SELECT pg_conf_load_time()::text AS at${also}`);
      return rows[0]?.at;
    };
    const before = await loadTime(', pg_reload_conf()');
    // Each connection hears of it between two statements.
    while ((await loadTime()) === before);
  };
  const present = async ({ key, cert }: Identity): Promise<void> => {
    await write('server.key', key);
    await write('server.crt', cert);
    await reload();
  };
  await write('authority.crt', authority.cert);
  await write('pg_hba.conf', hostRules);
  await write('server.key', authority.key);
  await write('server.crt', authority.cert);
  await client.query(`CREATE ROLE needs_certificate LOGIN PASSWORD 'postgres'`);
  await client.query(`ALTER SYSTEM SET ssl_ca_file TO 'authority.crt'`);
  await client.query(`ALTER SYSTEM SET ssl TO on`);
  await present(identity('localhost', { issuer: authority }));
  return {
    authority,
    present,
    query: async (sql) => (await client.query(sql)).rows as Record<string, unknown>[],
    open: (tls, others) =>
      new PostgresSource(
        { ...endpoint, host: 'localhost', retry: { maxAttempts: 1 }, tls, ...others },
        new VirtualClock(),
      ),
    async [Symbol.asyncDispose]() {
      await client.end();
      await server[Symbol.asyncDispose]();
    },
  };
}
