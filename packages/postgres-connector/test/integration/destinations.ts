import type { Row } from '@sqlflow/connector-contract';
import { PostgresDestination, type PostgresDestinationOptions } from '@sqlflow/postgres-connector';
import { type Clock, systemClock } from '@sqlflow/resilience';
import type { LeasedDatabase } from '@sqlflow/test-harness';

/** A destination on a leased database. */
export function destinationOn(
  { endpoint }: LeasedDatabase,
  options: Partial<PostgresDestinationOptions> = {},
  clock: Clock = systemClock,
): PostgresDestination {
  const { host, port, database, user, password } = endpoint;
  return new PostgresDestination({ host, port, database, user, password, ...options }, clock);
}

/** All rows of a table as JSON, in the order of their text. */
export async function stored(database: LeasedDatabase, table: string): Promise<Row[]> {
  const rows = await database.query(`SELECT to_json(t) AS row FROM ${table} AS t ORDER BY t::text`);
  return rows.map(({ row }) => (typeof row === 'string' ? JSON.parse(row) : row) as Row);
}
