import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { endpointOf } from '../endpoints.js';
import { keepsFailed, keepsLeases, nowMs, recordEvent, stopwatch } from '../events.js';
import { HarnessError } from '../harness-error.js';
import { arrangeTheEnd } from './at-the-end.js';
import { quoted } from './create-database.js';
import { schemaLeaks } from './database-leaks.js';
import { explain, postgresCodes } from './explain.js';
import { LeaseEnd } from './lease-end.js';
import { checkLeaseOptions, type LeakOption, type LeaseOptions } from './lease-options.js';
import { judgeHere } from './leftover.js';
import { psqlLine } from './look-at.js';
import { Once } from './once.js';
import { leaseWord, newLeaseName } from './owner.js';
import { OwnSession } from './own-session.js';
import { PostgresSession, type Row } from './postgres-session.js';
import { type PostgresSessions, sessionsOn } from './postgres-sessions.js';
import { thisProcess } from './process-identity.js';
import { sweep } from './sweep.js';

export interface SchemaLeaseOptions extends LeaseOptions {
  /** The database that the schema is made in, such as that of a lease. @defaultValue the one that the server is entered by */
  readonly database?: string;
}

/** A schema of one's own in a database that others share. Disposing drops it with all in it, once. */
export interface LeasedSchema extends AsyncDisposable {
  readonly name: string;
  /** With `options` for the start of a connection, which `pg` and libpq know: the schema is the whole search path. */
  readonly endpoint: PostgresEndpoint & { readonly options: string };
  /** As {@link LeasedDatabase.query}, in the schema. */
  query(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

const queryTimeoutMs = 60_000;
const dropTimeoutMs = 15_000;
const statementTimeoutMs = 5_000;
const sweeps = new Once();

/**
 * Creates a private schema, in about a millisecond: for tests that need no database of their own. What lies outside of
 * schemas is shared: extensions, roles, advisory locks, notifications.
 *
 * @throws HarnessError as {@link leaseDatabase} does.
 * @throws `signal.reason` on abort; the schema is dropped then.
 */
export async function leaseSchema(options: SchemaLeaseOptions = {}): Promise<LeasedSchema> {
  const given = checkLeaseOptions(options, ['database', 'signal', 'leaks']);
  const { database, signal, leaks = 'fail' } = given;
  signal?.throwIfAborted();
  const tookMs = stopwatch();
  const entry = endpointOf('postgres');
  const server = database === undefined ? entry : { ...entry, database };
  const sessions = sessionsOn(server);
  arrangeTheEnd();
  const name = newLeaseName(await thisProcess(), '_', nowMs(), keepsLeases() || keepsFailed());
  try {
    await sessions.use(() => Promise.resolve(), signal);
    if (sweeps.isFirst(`${server.host}:${String(server.port)}/${server.database}`))
      await sweepSchemas(sessions);
    await sessions.use(
      (admin) => admin.query(`CREATE SCHEMA ${quoted(name)}`, [], { timeoutMs: statementTimeoutMs, signal }),
      signal,
    );
    const lease = new Lease(sessions, name, leaks);
    recordEvent({ event: 'lease-taken', kind: 'schema', name, tookMs: tookMs() });
    return lease;
  } catch (error) {
    // Given up, the statement may have been done all the same.
    if (signal?.aborted === true)
      await sessions.use((admin) => dropSchema(admin, name)).catch(() => undefined);
    signal?.throwIfAborted();
    throw explained(error, 'leasing a schema', server);
  }
}

class Lease implements LeasedSchema {
  readonly endpoint: PostgresEndpoint & { readonly options: string };
  readonly #own: OwnSession;
  readonly #end: LeaseEnd;

  constructor(
    sessions: PostgresSessions,
    readonly name: string,
    leaks: LeakOption,
  ) {
    const { server } = sessions;
    this.endpoint = { ...server, options: `-c search_path=${name}` };
    this.#own = new OwnSession(this.endpoint);
    let lockers: readonly number[] = [];
    this.#end = new LeaseEnd({
      kind: 'schema',
      name,
      leaks,
      findLeaks: async () => {
        const found = await schemaLeaks(sessions, name, await this.#own.backendPid());
        lockers = found.pids;
        return found.leaks;
      },
      close: () => this.#own.close(),
      remove: () =>
        sessions.use(async (admin) => {
          // Whoever holds a lock in it would hold up the drop.
          for (const pid of lockers) {
            await admin.query('SELECT pg_terminate_backend($1, 1000)', [pid], {
              timeoutMs: statementTimeoutMs,
            });
          }
          await dropSchema(admin, name);
        }),
      lookAt: psqlLine(server, name),
    });
  }

  async query(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    if (this.#end.hasBegun) throw new HarnessError('closed', `schema ${this.name} has been given back`);
    return this.#own.query(sql, parameters, queryTimeoutMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end.giveBack().catch((error: unknown) => {
      throw explained(error, `dropping ${this.name}`, this.endpoint);
    });
  }
}

async function dropSchema(admin: PostgresSession, name: string, signal?: AbortSignal): Promise<void> {
  const sql = `SET client_min_messages = warning; DROP SCHEMA IF EXISTS ${quoted(name)} CASCADE`;
  await admin.query(sql, [], { timeoutMs: dropTimeoutMs, signal });
}

async function schemasIn(admin: PostgresSession): Promise<string[]> {
  const limit = { timeoutMs: statementTimeoutMs };
  const rows = await admin.query(
    `SELECT nspname FROM pg_namespace WHERE pg_has_role(nspowner, 'MEMBER')`,
    [],
    limit,
  );
  return rows.map((row) => String(row['nspname']));
}

/** Only in the database at hand: schemas are seen by whoever is connected to theirs. */
async function sweepSchemas(sessions: PostgresSessions): Promise<void> {
  await sweep('postgres schemas', await judgeHere(), {
    names: async () => (await sessions.use(schemasIn)).filter((name) => name.startsWith(`${leaseWord}_`)),
    remove: (name, signal) => sessions.use((admin) => dropSchema(admin, name, signal), signal),
  });
}

/** The schemas in the database that a server is entered by. */
export async function schemaNames(server: PostgresEndpoint): Promise<string[]> {
  await using session = await PostgresSession.open(server);
  return await schemasIn(session);
}

/** Drops a schema by its name, from the database that the server is entered by. */
export async function dropSchemaOf(server: PostgresEndpoint, name: string): Promise<void> {
  try {
    await using session = await PostgresSession.open(server);
    await dropSchema(session, name);
  } catch (error) {
    throw explained(error, `dropping ${name}`, server);
  }
}

function explained(error: unknown, doing: string, { host, port, user, database }: PostgresEndpoint): Error {
  return explain(error, {
    doing,
    where: `database ${database} of postgres at ${host}:${String(port)}, as ${user}`,
    codes: postgresCodes,
  });
}
