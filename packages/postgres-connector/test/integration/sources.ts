import { type Row, rows } from '@sqlflow/connector-contract';
import { PostgresSource, type PostgresSourceOptions } from '@sqlflow/postgres-connector';
import { type Clock, systemClock } from '@sqlflow/resilience';
import type { LeasedDatabase } from '@sqlflow/test-harness';

/** A source on a leased database. */
export function sourceOn(
  { endpoint }: LeasedDatabase,
  options: Partial<PostgresSourceOptions> = {},
  clock: Clock = systemClock,
): PostgresSource {
  const { host, port, database, user, password } = endpoint;
  return new PostgresSource({ host, port, database, user, password, tls: 'disable', ...options }, clock);
}

export async function readAll(
  source: PostgresSource,
  name: string,
  options?: Parameters<PostgresSource['read']>[1],
): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows(source.read({ name }, options))) all.push(row);
  return all;
}

/** Queries that run on the server in this database, other than the one that asks. */
export async function runningQueries(database: LeasedDatabase): Promise<unknown[]> {
  const running = await database.query(
    `SELECT query FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`,
  );
  return running.map((row) => row['query']);
}

/** Asks again until the answer is as wanted. The test's own time limit ends it if that never comes. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
