import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { pause } from '../deadline.js';
import { HarnessError } from '../harness-error.js';
import { leaseWord } from './owner.js';
import { PostgresSession } from './postgres-session.js';
import type { PostgresSessions } from './postgres-sessions.js';
import type { Sweepable } from './sweep.js';

/** A copy of a large template on a busy disk takes seconds; a server that needs longer has stopped answering. */
const createTimeoutMs = 60_000;
const dropTimeoutMs = 15_000;
const queryTimeoutMs = 5_000;

/** A connection that a test has just closed is still listed for some milliseconds. */
const templateChecks = 100;
const templateCheckMs = 20;

/** A database that is to be. */
export interface NewDatabase {
  readonly server: PostgresEndpoint;
  readonly name: string;
  /** The database that is copied. @defaultValue `template0`, which is empty */
  readonly template?: string | undefined;
  /** Whether one may connect to it. What waits to be handed out is closed, and so provably untouched. @defaultValue true */
  readonly isOpen?: boolean;
}

/**
 * Creates a database as a copy of `template`, which nobody may be connected to. When it is given up, the session on the
 * server is ended and what it may have created is dropped, before the reason is thrown.
 */
export async function createDatabase(
  admin: PostgresSession,
  { server, name, template = 'template0', isOpen = true }: NewDatabase,
  signal?: AbortSignal,
): Promise<void> {
  try {
    // FILE_COPY takes a third of the time of the default where fsync is off. template0 takes no connections, and so
    // any number of processes may copy it at once.
    const how = `TEMPLATE ${quoted(template)} STRATEGY FILE_COPY ALLOW_CONNECTIONS ${String(isOpen)}`;
    await admin.query(`CREATE DATABASE ${quoted(name)} ${how}`, [], { timeoutMs: createTimeoutMs, signal });
  } catch (error) {
    if (admin.isLost) await withdraw(server, name, admin.backendPid).catch(() => undefined);
    throw error;
  }
}

/** Opens a database that was created closed. Rejects with SQLSTATE 3D000 if it is gone. */
export async function openDatabase(
  admin: PostgresSession,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  const sql = `ALTER DATABASE ${quoted(name)} ALLOW_CONNECTIONS true`;
  await admin.query(sql, [], { timeoutMs: queryTimeoutMs, signal });
}

/** Drops a database and ends the connections to it. Does nothing if there is none. */
export async function dropDatabase(
  admin: PostgresSession,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  const sql = `DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`;
  await admin.query(sql, [], { timeoutMs: dropTimeoutMs, signal });
}

/** The leased databases on a server. Each removal has a connection of its own: out of time, it is cut. */
export function sweepableDatabases(sessions: PostgresSessions): Sweepable {
  return {
    names: () =>
      sessions.use(async (admin) => {
        // Those of other accounts are left to them.
        const sql = `SELECT datname FROM pg_database
                      WHERE starts_with(datname, $1) AND pg_has_role(datdba, 'MEMBER')`;
        const rows = await admin.query(sql, [`${leaseWord}_`], { timeoutMs: queryTimeoutMs });
        return rows.map((row) => String(row['datname']));
      }),
    remove: (name, signal) => sessions.use((admin) => dropDatabase(admin, name, signal), signal),
  };
}

/**
 * Waits until nobody is connected to a database, 2 s at most.
 * The server itself would wait 5 s, and a Jest test has ended by then without a word of why.
 *
 * @throws HarnessError `template-in-use`, naming those who are.
 */
export async function untilUnused(
  admin: PostgresSession,
  template: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const sql = `SELECT pid, application_name FROM pg_stat_activity
                WHERE datname = $1 AND backend_type IS DISTINCT FROM 'autovacuum worker'`;
  for (let check = 1; ; check += 1) {
    const users = await admin.query(sql, [template], { timeoutMs: queryTimeoutMs, signal });
    if (users.length === 0) return;
    if (check === templateChecks) {
      const list = users.map(
        (user) => `"${String(user['application_name'])}" (process ${String(user['pid'])})`,
      );
      throw new HarnessError(
        'template-in-use',
        `database "${template}" cannot be copied while it is connected to, now by ${list.join(', ')}; ` +
          'close these connections first',
      );
    }
    await pause(templateCheckMs, signal);
  }
}

/** Undoes a creation whose end was not awaited. Once its session is gone, the database is there or never will be. */
async function withdraw(server: PostgresEndpoint, name: string, backendPid: unknown): Promise<void> {
  await using session = await PostgresSession.open(server);
  const limit = { timeoutMs: 2 * queryTimeoutMs };
  await session.query('SELECT pg_terminate_backend($1, $2)', [backendPid, queryTimeoutMs], limit);
  await dropDatabase(session, name);
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
