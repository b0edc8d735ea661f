import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { pause } from '../deadline.js';
import { nowMs } from '../events.js';
import { PostgresSession, type Row } from './postgres-session.js';
import type { PostgresSessions } from './postgres-sessions.js';

const queryTimeoutMs = 5_000;
/** A connection that a test has just closed is still listed for some milliseconds. */
const graceMs = 1_000;
const checkMs = 20;
/** Of the last statement of a connection. */
const queryCharacters = 80;

/**
 * Names what was left in a database: connections other than the lease's own, and of that one an open transaction or
 * advisory locks. Polled for 1 s while something is there, and asked once if nothing is.
 *
 * @param ownPid - The process on the server that serves the lease's own connection, if it has one.
 */
export async function databaseLeaks(
  sessions: PostgresSessions,
  endpoint: PostgresEndpoint,
  ownPid: number | undefined,
): Promise<string[]> {
  const suspects = await untilGone(() =>
    sessions.use((admin) => connectionsTo(admin, endpoint.database, ownPid)),
  );
  if (suspects.length === 0) return [];
  // Relations have names only for whoever is connected to their database.
  const locks = await locksIn(endpoint);
  return suspects.map((suspect) => describe(suspect, locks, ownPid));
}

/** Names the connections that hold locks in a schema: whose else they are cannot be told in a database that others share. */
export async function schemaLeaks(
  sessions: PostgresSessions,
  schema: string,
  ownPid: number | undefined,
): Promise<{ readonly leaks: string[]; readonly pids: number[] }> {
  const suspects = await untilGone(() => sessions.use((admin) => lockersOf(admin, schema, ownPid)));
  if (suspects.length === 0) return { leaks: [], pids: [] };
  const locks = await locksIn(sessions.server);
  return {
    leaks: suspects.map((suspect) => describe(suspect, locks, ownPid)),
    pids: suspects.map(({ pid }) => pid).filter((pid) => pid !== ownPid),
  };
}

interface Suspect {
  readonly pid: number;
  readonly row: Row;
}

const columns = `a.pid, a.application_name AS application, a.usename AS account, a.state,
  coalesce(a.xact_start, a.query_start, a.backend_start) AS since, left(a.query, ${String(queryCharacters)}) AS query`;

async function connectionsTo(
  admin: PostgresSession,
  database: string,
  ownPid: number | undefined,
): Promise<Suspect[]> {
  const sql = `
    SELECT ${columns} FROM pg_stat_activity a
     WHERE a.datname = $1 AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
       AND (a.pid IS DISTINCT FROM $2 OR a.state IS DISTINCT FROM 'idle' OR EXISTS (
             SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory'))
     ORDER BY a.backend_start`;
  return suspectsIn(await admin.query(sql, [database, ownPid ?? null], { timeoutMs: queryTimeoutMs }));
}

async function lockersOf(
  admin: PostgresSession,
  schema: string,
  ownPid: number | undefined,
): Promise<Suspect[]> {
  const sql = `
    SELECT ${columns} FROM pg_stat_activity a
     WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
       AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
       AND (a.pid = $2 AND a.state <> 'idle' OR EXISTS (
             SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                               JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE l.pid = a.pid AND l.database = a.datid AND n.nspname = $1))
     ORDER BY a.backend_start`;
  return suspectsIn(await admin.query(sql, [schema, ownPid ?? null], { timeoutMs: queryTimeoutMs }));
}

function suspectsIn(rows: readonly Row[]): Suspect[] {
  return rows.map((row) => ({ pid: Number(row['pid']), row }));
}

async function untilGone(look: () => Promise<Suspect[]>): Promise<Suspect[]> {
  const deadline = nowMs() + graceMs;
  for (;;) {
    const found = await look();
    if (found.length === 0 || nowMs() > deadline) return found;
    await pause(checkMs);
  }
}

/** The locks in a database by the process that holds or awaits them, without those that every transaction has. */
async function locksIn(endpoint: PostgresEndpoint): Promise<ReadonlyMap<number, readonly string[]>> {
  await using session = await PostgresSession.open(endpoint);
  const sql = `
    SELECT l.pid, l.mode, l.granted, CASE l.locktype
             WHEN 'advisory' THEN 'advisory lock ' || CASE l.objsubid WHEN 1
               THEN ((l.classid::int8 << 32) | l.objid::int8)::text ELSE '(' || l.classid || ', ' || l.objid || ')' END
             ELSE l.locktype || ' ' || coalesce(l.relation::regclass::text, '') END AS what
      FROM pg_locks l JOIN pg_database d ON d.oid = l.database
     WHERE d.datname = current_database() AND l.locktype NOT IN ('virtualxid', 'transactionid')
       AND l.pid <> pg_backend_pid() ORDER BY l.pid, what, l.mode`;
  const byPid = new Map<number, string[]>();
  for (const { pid, mode, granted, what } of await session.query(sql, [], { timeoutMs: queryTimeoutMs })) {
    const lock = `${granted === true ? 'holds' : 'waits for'} ${String(mode)} on ${String(what).trimEnd()}`;
    byPid.set(Number(pid), [...(byPid.get(Number(pid)) ?? []), lock]);
  }
  return byPid;
}

function describe(
  { pid, row }: Suspect,
  locks: ReadonlyMap<number, readonly string[]>,
  ownPid: number | undefined,
): string {
  const { since } = row;
  const [application, account, state, query] = ['application', 'account', 'state', 'query'].map((column) => {
    const value = row[column];
    return typeof value === 'string' && value !== '' ? value : undefined;
  });
  const who =
    pid === ownPid
      ? "the lease's own connection"
      : `connection ${application === undefined ? `of ${String(account)}` : JSON.stringify(application)}`;
  // What belongs to another account is shown to a superuser only.
  const when = since instanceof Date ? ` since ${since.toISOString()}` : '';
  const said = query === undefined ? '' : `, last statement ${JSON.stringify(query)}`;
  const own = `${who} (process ${String(pid)}), ${state ?? 'state unknown'}${when}${said}`;
  return [own, ...(locks.get(pid) ?? []).map((lock) => `  ${lock}`)].join('\n  ');
}
