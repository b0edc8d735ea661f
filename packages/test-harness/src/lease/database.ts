import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { endpointOf } from '../endpoints.js';
import { keepsLeases, recordEvent, stopwatch } from '../events.js';
import { HarnessError } from '../harness-error.js';
import { createDatabase, dropDatabase, sweepableDatabases } from './create-database.js';
import { explain, postgresCodes } from './explain.js';
import { checkLeaseOptions, type LeaseOptions } from './lease-options.js';
import { Once } from './once.js';
import { newLeaseName } from './owner.js';
import { PostgresSession, type Row } from './postgres-session.js';
import { thisProcess } from './process-identity.js';
import { sweep } from './sweep.js';

export interface DatabaseLeaseOptions extends LeaseOptions {
  /**
   * Name of an existing database that is copied with all it holds. Nobody may be connected to it meanwhile; if it is
   * a lease of the same test file, the connection that its `query` uses is ended first.
   * @defaultValue `template0`, which is empty
   */
  readonly template?: string;
}

/** A database of one's own. Disposing drops it, together with every connection to it, once. */
export interface LeasedDatabase extends AsyncDisposable {
  /** Where it is, as the user of the server: `endpoint.database` is its name. */
  readonly endpoint: PostgresEndpoint;
  /**
   * Runs SQL on one connection, opened by the first call, and answers the rows of the last statement, with the types
   * that `pg` gives them. Calls wait for each other; each may take 60 s.
   *
   * @param sql - One statement, or several parted by `;` if there are no parameters.
   * @throws the error of `pg`, whose `code` is the SQLSTATE.
   * @throws HarnessError `closed` after disposal.
   */
  query(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

const queryTimeoutMs = 60_000;
const sweeps = new Once();
/** The leases that have not been given back, by name. */
const leases = new Map<string, Lease>();

/**
 * Creates a private database on the PostgreSQL that `TEST_POSTGRES_*` name. The first call first removes what ended
 * processes of this host left there.
 *
 * @throws HarnessError `service-unavailable`, `authentication-failed`, `permission-denied`, `template-missing`,
 * `template-in-use`, `server-too-old`, `timeout`, `invalid-option`, or `refused` with what the server said.
 * @throws `signal.reason` on abort; the database is dropped then.
 */
export async function leaseDatabase(options: DatabaseLeaseOptions = {}): Promise<LeasedDatabase> {
  const { template, signal } = checkLeaseOptions(options, ['template', 'signal']);
  signal?.throwIfAborted();
  const tookMs = stopwatch();
  const server = endpointOf('postgres');
  const here = await thisProcess();
  const name = newLeaseName(here, '_', keepsLeases());
  let admin: PostgresSession | undefined;
  try {
    admin = await PostgresSession.open(server, signal);
    if (sweeps.isFirst(`${server.host}:${String(server.port)}`)) {
      await sweep('postgres', here, sweepableDatabases(admin, server, here));
    }
    if (template !== undefined) await leases.get(template)?.disconnect();
    await createDatabase(admin, { server, name, template }, signal);
    const lease = new Lease(server, name, admin);
    leases.set(name, lease);
    recordEvent({ event: 'lease-taken', kind: 'database', name, tookMs: tookMs() });
    return lease;
  } catch (error) {
    await admin?.[Symbol.asyncDispose]();
    signal?.throwIfAborted();
    throw explained(error, template === undefined ? 'leasing a database' : `copying "${template}"`, server);
  }
}

class Lease implements LeasedDatabase {
  readonly endpoint: PostgresEndpoint;
  #session: Promise<PostgresSession> | undefined;
  #disposal: Promise<void> | undefined;

  constructor(
    private readonly server: PostgresEndpoint,
    name: string,
    /** Kept for the drop: a new connection takes as long as the drop itself, 5 ms each. */
    private readonly admin: PostgresSession,
  ) {
    this.endpoint = { ...server, database: name };
  }

  async query(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const session = await this.#connected();
    return session.query(sql, parameters, { timeoutMs: queryTimeoutMs });
  }

  /** Ends the connection that `query` has opened; the next `query` opens another. */
  async disconnect(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    await session?.[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  #connected(): Promise<PostgresSession> {
    if (this.#disposal !== undefined) {
      throw new HarnessError('closed', `database ${this.endpoint.database} has been given back`);
    }
    const before = this.#session;
    // Set before anything is awaited, so that calls made at once share one connection.
    this.#session = (async () => {
      const open = await before?.catch(() => undefined);
      return open === undefined || open.isLost ? PostgresSession.open(this.endpoint) : open;
    })();
    return this.#session;
  }

  async #dispose(): Promise<void> {
    const tookMs = stopwatch();
    const name = this.endpoint.database;
    try {
      await using admin = this.admin.isLost ? await PostgresSession.open(this.server) : this.admin;
      await this.disconnect();
      if (keepsLeases()) {
        recordEvent({ event: 'lease-kept', kind: 'database', name });
        return;
      }
      await dropDatabase(admin, name);
      leases.delete(name);
      recordEvent({ event: 'lease-returned', kind: 'database', name, tookMs: tookMs() });
    } catch (error) {
      throw explained(error, `dropping ${name}`, this.server);
    }
  }
}

/** Drops a database by its name. */
export async function dropDatabaseOf(server: PostgresEndpoint, name: string): Promise<void> {
  try {
    await using session = await PostgresSession.open(server);
    await dropDatabase(session, name);
  } catch (error) {
    throw explained(error, `dropping ${name}`, server);
  }
}

export async function databaseNames(server: PostgresEndpoint): Promise<string[]> {
  await using session = await PostgresSession.open(server);
  const rows = await session.query('SELECT datname FROM pg_database', [], { timeoutMs: queryTimeoutMs });
  return rows.map((row) => String(row['datname']));
}

function explained(error: unknown, doing: string, { host, port, user }: PostgresEndpoint): Error {
  return explain(error, {
    doing,
    where: `postgres at ${host}:${String(port)}, as ${user}`,
    codes: postgresCodes,
  });
}
