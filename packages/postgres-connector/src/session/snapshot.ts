import { ConnectorError } from '@sqlflow/connector-contract';
import type { Session } from './session.js';

/** Which transactions a snapshot sees: the same text in every transaction that has it. */
const whatIsSeen = 'pg_catalog.pg_current_snapshot()';

/** What the server answers when nobody holds the snapshot: until 16, and from 17 on. */
const goneStates: ReadonlySet<string | undefined> = new Set(['22023', '42704']);

/**
 * Begins a transaction that sees what another one has exported.
 *
 * @param snapshot - Its name and, after a slash, what it sees: another server may have one of the same name.
 */
export async function beginInSnapshot(
  session: Session,
  snapshot: string,
  doing: string,
  signal?: AbortSignal,
): Promise<void> {
  const [name = '', seen] = snapshot.split('/');
  try {
    session.begin({ isolation: 'repeatable read', snapshot: name });
    const [row] = await session.query(statement(`SELECT ${whatIsSeen} AS seen`), doing, signal);
    if (row?.['seen'] !== seen) throw gone(name, doing);
  } catch (error) {
    if (error instanceof ConnectorError && goneStates.has(error.serverCode)) throw gone(name, doing, error);
    throw error;
  }
}

function gone(name: string, doing: string, cause?: ConnectorError): ConnectorError {
  const message =
    `${doing} failed: the snapshot ${name} does not exist here (any more). What partitions() gave was disposed of, or its source, or ` +
    'the connection that held it broke, or this is another server; call partitions() again, and read all of its slices anew';
  return new ConnectorError('not-found', message, {
    kind: 'terminal',
    effect: 'none',
    ...(cause && { cause }),
    ...(cause?.serverCode !== undefined && { serverCode: cause.serverCode }),
  });
}

/**
 * Begins a transaction that may hold a snapshot for long. It has no snapshot of its own: each of its statements has the one
 * of its time, so that locks can come first.
 */
export async function beginHolding(session: Session, doing: string, signal?: AbortSignal): Promise<void> {
  session.begin({ isolation: 'read committed' });
  await session.query(statement('SET LOCAL idle_in_transaction_session_timeout = 0'), doing, signal);
  // New in PostgreSQL 17: a limit on transactions that are not idle, either.
  const unlimited = `SELECT pg_catalog.set_config(name, '0', true) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'`;
  await session.query(statement(unlimited), doing, signal);
}

function statement(sql: string): { readonly sql: string; readonly parameters: readonly string[] } {
  return { sql, parameters: [] };
}
