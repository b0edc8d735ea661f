import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { pause } from '../deadline.js';
import { HarnessError } from '../harness-error.js';
import { leasePrefix, type Owner } from './owner.js';
import { PostgresSession } from './postgres-session.js';
import type { Sweepable } from './sweep.js';

/** A copy of a large template on a busy disk takes seconds; a server that needs longer has stopped answering. */
const createTimeoutMs = 60_000;
const dropTimeoutMs = 15_000;
const queryTimeoutMs = 5_000;

/** A connection that a test has just closed is still listed for some milliseconds. */
const templateChecks = 100;
const templateCheckMs = 20;

/**
 * Creates a database as a copy of `template`. When it is given up, the session on the server is ended and what it may
 * have created is dropped, before the reason is thrown.
 */
export async function createDatabase(
  admin: PostgresSession,
  { server, name, template }: { server: PostgresEndpoint; name: string; template: string | undefined },
  signal: AbortSignal | undefined,
): Promise<void> {
  if (template !== undefined) await untilUnused(admin, template, signal);
  const [backend] = await admin.query('SELECT pg_backend_pid() AS pid', [], {
    timeoutMs: queryTimeoutMs,
    signal,
  });
  try {
    // FILE_COPY takes a third of the time of the default where fsync is off. template0 takes no connections, and so
    // any number of processes may copy it at once.
    const from = `TEMPLATE ${quoted(template ?? 'template0')} STRATEGY FILE_COPY`;
    await admin.query(`CREATE DATABASE ${quoted(name)} ${from}`, [], { timeoutMs: createTimeoutMs, signal });
  } catch (error) {
    if (admin.isLost) await withdraw(server, name, backend?.['pid']).catch(() => undefined);
    throw error;
  }
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

/** The databases that were leased here; `admin` only lists them. */
export function sweepableDatabases(admin: PostgresSession, server: PostgresEndpoint, here: Owner): Sweepable {
  return {
    names: async () => {
      const sql = 'SELECT datname FROM pg_database WHERE starts_with(datname, $1)';
      const rows = await admin.query(sql, [leasePrefix(here.place, '_')], { timeoutMs: queryTimeoutMs });
      return rows.map((row) => String(row['datname']));
    },
    remove: async (name, signal) => {
      // A connection of its own: when the sweep runs out of time this one is cut, and `admin` serves the lease.
      await using session = await PostgresSession.open(server, signal);
      await dropDatabase(session, name, signal);
    },
  };
}

/** The server itself would wait 5 s, and a Jest test has ended by then without a word of why. */
async function untilUnused(
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
          'close its connections before the first lease',
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

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
