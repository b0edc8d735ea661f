import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { HarnessError } from '../harness-error.js';
import { PostgresSession, type Row } from './postgres-session.js';

/** The client of `pg` that is within the transaction: for code that takes one. Typed by what most code uses of it. */
export interface TransactionClient {
  query(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number | null }>;
}

const statementTimeoutMs = 10_000;

/**
 * Runs `body` within a transaction that is rolled back in any case: nothing of it stays, and nobody else sees it. Sequences
 * go on, and what the server does outside of transactions stays.
 *
 * @param where - A leased database or schema, or the endpoint of any database.
 * @returns what `body` returns.
 * @throws what `body` throws; HarnessError `leaked` if it has ended the transaction itself, and so may have written.
 */
export async function inTransaction<T>(
  where: PostgresEndpoint | { readonly endpoint: PostgresEndpoint },
  body: (client: TransactionClient) => Promise<T>,
): Promise<T> {
  const limit = { timeoutMs: statementTimeoutMs };
  await using session = await PostgresSession.open('endpoint' in where ? where.endpoint : where);
  // The number of the virtual transaction: another one after the body means that this one has ended.
  const sql = `SELECT virtualtransaction AS id FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'virtualxid'`;
  const current = async () => (await session.query(sql, [], limit))[0]?.['id'];
  await session.query('BEGIN', [], limit);
  const before = await current();
  let answer: T;
  let after: unknown;
  try {
    answer = await body(session.client);
    // In a failed transaction the server answers nothing but a refusal; then it has not ended either.
    after = await current().catch(() => before);
  } finally {
    // Where the connection is lost, the server has rolled back by itself.
    await session.query('ROLLBACK', [], limit).catch(() => undefined);
  }
  if (after === before) return answer;
  throw new HarnessError(
    'leaked',
    'the body of inTransaction has ended the transaction: what it wrote may stay. It must neither COMMIT nor ROLLBACK',
  );
}
