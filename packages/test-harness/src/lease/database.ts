import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { endpointOf } from '../endpoints.js';
import { recordEvent, stopwatch } from '../events.js';
import { HarnessError } from '../harness-error.js';
import { arrangeTheEnd } from './at-the-end.js';
import { dropTemplate, unusedTemplates } from './build-template.js';
import { dropDatabase, sweepableDatabases } from './create-database.js';
import { databaseLeaks } from './database-leaks.js';
import { explain, postgresCodes } from './explain.js';
import { LeaseEnd } from './lease-end.js';
import { checkLeaseOptions, type LeakOption, type LeaseOptions } from './lease-options.js';
import { judgeHere } from './leftover.js';
import { psqlLine } from './look-at.js';
import { obtainDatabase } from './obtain-database.js';
import { Once } from './once.js';
import { OwnSession } from './own-session.js';
import { PostgresSession, type Row } from './postgres-session.js';
import { closeSessionsOn, type PostgresSessions, sessionsOn } from './postgres-sessions.js';
import { sweep } from './sweep.js';
import type { DatabaseTemplate } from './template.js';

export interface DatabaseLeaseOptions extends LeaseOptions {
  /**
   * What the database holds from the start. Made by {@link defineTemplate}: built once and copied ahead of need. Or the name
   * of an existing database, which is copied as it is at that moment; nobody may be connected to it meanwhile; if it is a
   * lease of the same test file, the connection that its `query` uses is ended first.
   * @defaultValue `template0`, which is empty
   */
  readonly template?: DatabaseTemplate | string;
}

/** A database of one's own. Disposing looks for leaks and drops it, together with every connection to it, once. */
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
 * Hands out a private database on the PostgreSQL that `TEST_POSTGRES_*` name: one that is ready, or else a new one. The
 * first call first removes what ended processes of this host left there, and what others left long ago.
 *
 * @throws HarnessError `service-unavailable`, `authentication-failed`, `permission-denied`, `template-missing`,
 * `template-in-use`, `template-failed`, `server-too-old`, `timeout`, `invalid-option`, or `refused` with what the server said.
 * @throws `signal.reason` on abort; the database is dropped then.
 */
export async function leaseDatabase(options: DatabaseLeaseOptions = {}): Promise<LeasedDatabase> {
  const { template, signal, leaks = 'fail' } = checkLeaseOptions(options, ['template', 'signal', 'leaks']);
  signal?.throwIfAborted();
  const tookMs = stopwatch();
  const server = endpointOf('postgres');
  const sessions = sessionsOn(server);
  arrangeTheEnd();
  try {
    // Whether the server can be had at all is said by the lease, and not by its sweep.
    await sessions.use(() => Promise.resolve(), signal);
    if (sweeps.isFirst(`${server.host}:${String(server.port)}`)) await sweepDatabases(sessions);
    if (typeof template === 'string') await leases.get(template)?.disconnect();
    const name = await obtainDatabase(sessions, template, signal);
    const lease = new Lease(sessions, name, leaks);
    leases.set(name, lease);
    recordEvent({ event: 'lease-taken', kind: 'database', name, tookMs: tookMs() });
    return lease;
  } catch (error) {
    signal?.throwIfAborted();
    const source = typeof template === 'string' ? template : template?.name;
    throw explained(error, source === undefined ? 'leasing a database' : `copying "${source}"`, server);
  }
}

class Lease implements LeasedDatabase {
  readonly endpoint: PostgresEndpoint;
  readonly #own: OwnSession;
  readonly #end: LeaseEnd;

  constructor(sessions: PostgresSessions, name: string, leaks: LeakOption) {
    const { server } = sessions;
    this.endpoint = { ...server, database: name };
    this.#own = new OwnSession(this.endpoint);
    this.#end = new LeaseEnd({
      kind: 'database',
      name,
      leaks,
      findLeaks: async () => {
        await closeSessionsOn(this.endpoint);
        return databaseLeaks(sessions, this.endpoint, await this.#own.backendPid());
      },
      close: () => this.disconnect(),
      remove: async () => {
        await sessions.use((admin) => dropDatabase(admin, name));
        leases.delete(name);
      },
      lookAt: psqlLine(this.endpoint),
    });
  }

  async query(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    if (this.#end.hasBegun) {
      throw new HarnessError('closed', `database ${this.endpoint.database} has been given back`);
    }
    return this.#own.query(sql, parameters, queryTimeoutMs);
  }

  /** Ends the connections of this module to it; the next `query` opens another. */
  async disconnect(): Promise<void> {
    await closeSessionsOn(this.endpoint);
    await this.#own.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end.giveBack().catch((error: unknown) => {
      throw explained(error, `dropping ${this.endpoint.database}`, this.endpoint);
    });
  }
}

/** Removes what was left behind on the PostgreSQL that the variables name, outside of any lease. */
export async function sweepPostgres(): Promise<void> {
  const sessions = sessionsOn(endpointOf('postgres'));
  await sweepDatabases(sessions);
  await sessions[Symbol.asyncDispose]();
}

async function sweepDatabases(sessions: PostgresSessions): Promise<void> {
  const judge = await judgeHere();
  await sweep('postgres', judge, sweepableDatabases(sessions));
  await sweep('postgres templates', judge, {
    names: () => sessions.use((admin) => unusedTemplates(admin, judge)),
    isLeftover: () => Promise.resolve(true),
    remove: (name) => sessions.use((admin) => dropTemplate(admin, name, judge)),
  });
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
