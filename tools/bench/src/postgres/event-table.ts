import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { to } from 'pg-copy-streams';

/** Ten columns such as applications have, about 168 bytes a row on the wire. `i` is the number of the row, from 1 on. */
const eventValues = `
  i::bigint AS id,
  (i::bigint * 7919 % 100000)::int AS customer_id,
  'customer' || i || '@example.com' AS email,
  ((i::bigint * 104729 % 100000000) / 100.0)::numeric(12,2) AS amount,
  (ARRAY['new', 'paid', 'shipped', 'cancelled'])[1 + i % 4] AS status,
  timestamptz '2024-01-01 00:00:00Z' + i * interval '13.000123 seconds' AS created_at,
  timestamptz '2024-01-02 00:00:00Z' + i * interval '13.000457 seconds' AS updated_at,
  ('{"source": "web", "visits": ' || i % 1000 || ', "beta": true}')::jsonb AS attrs,
  i % 3 <> 0 AS active,
  i / 7.0::float8 AS score`;

/** So many rows, made one by one as they are read. */
export function selectEvents(rows: number): string {
  return `SELECT ${eventValues} FROM (SELECT generate_series(1, ${rows}) AS i) AS series`;
}

/** A table `event` of so many rows, packed and counted: nothing is left to do for autovacuum while it is read. */
export async function createEvents(endpoint: PostgresEndpoint, rows: number): Promise<void> {
  await execute(
    endpoint,
    // No write-ahead log, which reading has nothing to do with.
    `CREATE UNLOGGED TABLE event AS ${selectEvents(rows)}`,
    'ALTER TABLE event ADD PRIMARY KEY (id)',
    'VACUUM (FREEZE, ANALYZE) event',
  );
}

/** Writes the table as COPY … (FORMAT binary) gives it. */
export async function writeEventsFile(endpoint: PostgresEndpoint, file: string): Promise<void> {
  const client = new Client({ ...endpoint });
  await client.connect();
  try {
    await pipeline(client.query(to('COPY event TO STDOUT (FORMAT binary)')), createWriteStream(file));
  } finally {
    await client.end();
  }
}

/** Each statement by itself, so that what allows no transaction can be among them. */
export async function execute(endpoint: PostgresEndpoint, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ ...endpoint });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
