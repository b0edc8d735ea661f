import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import type { Contender } from '../frame/measure.js';
import { inChild } from '../postgres/child.js';
import { execute } from '../postgres/event-table.js';
import { leftOutUnless } from '../postgres/left-out.js';
import { psqlContender, psqlVersion } from '../postgres/psql.js';
import { queryPostgres } from '../services/first-query.js';

export const appends = {
  psql: 'psql, \\copy binary from a file',
  batches: 'ours, Arrow batches',
  rows: 'ours, row objects',
  copyText: 'pg-copy-streams, text by hand',
  json: 'INSERT … json_to_recordset, 10,000 rows',
  unnest: 'INSERT … unnest, 10,000 rows',
  postgres: 'postgres.js helper, 5,000 rows',
  values: 'INSERT … VALUES, 1,000 rows',
} as const;
export const inserts = [appends.json, appends.unnest, appends.postgres, appends.values];
export const upserts = {
  batches: 'ours, Arrow batches',
  unnest: 'INSERT … unnest … ON CONFLICT, 10,000 rows',
  values: 'INSERT … VALUES … ON CONFLICT, 1,000 rows',
} as const;

const program = new URL('./write-child.mjs', import.meta.url);

export function appendRow(rows: number, what: string): string {
  return `append of ${rows.toLocaleString('en')} rows: ${what}`;
}

export function upsertRow(rows: number, what: string): string {
  return `upsert of ${rows.toLocaleString('en')} rows: ${what}`;
}

/** @param file - Where rows of `event` lie as COPY … (FORMAT binary) has them. */
export function appendContenders(server: PostgresEndpoint, rows: number, file: string): readonly Contender[] {
  const child = (what: string, way: string): Contender =>
    inChild(appendRow(rows, what), program, way, server, 'event');
  return [
    ...leftOutUnless(psqlVersion(), appends.psql, 'there is no psql on the PATH', () =>
      psqlContender(appendRow(rows, appends.psql), server, `\\copy target FROM '${file}' (FORMAT binary)`),
    ),
    child(appends.batches, 'append-batches'),
    child(appends.rows, 'append-rows'),
    child(appends.copyText, 'copy-text'),
    child(appends.json, 'insert-json'),
    child(appends.unnest, 'insert-unnest'),
    child(appends.postgres, 'insert-postgres'),
    child(appends.values, 'insert-values'),
  ].map((contender) => written(contender, server, rows, 'TRUNCATE target', 'CHECKPOINT'));
}

/** Half of the rows of `change` are there already, and become others. */
export function upsertContenders(server: PostgresEndpoint, rows: number): readonly Contender[] {
  const child = (what: string, way: string): Contender =>
    inChild(upsertRow(rows, what), program, way, server, 'change');
  return [
    child(upserts.batches, 'upsert-batches'),
    child(upserts.unnest, 'upsert-unnest'),
    child(upserts.values, 'upsert-values'),
  ].map((contender) =>
    written(
      contender,
      server,
      rows,
      'TRUNCATE target',
      `INSERT INTO target SELECT * FROM event WHERE id <= ${Math.floor(rows / 2)}`,
      'VACUUM (ANALYZE) target',
      'CHECKPOINT',
    ),
  );
}

/** Makes the target ready before each run, and looks whether all rows are there after it. */
function written(
  contender: Contender,
  server: PostgresEndpoint,
  rows: number,
  ...ready: readonly string[]
): Contender {
  return {
    name: contender.name,
    run: async () => {
      await execute(server, ...ready);
      const samples = await contender.run();
      const [found] = await queryPostgres(server, 'SELECT count(*)::int AS rows FROM target');
      if (found?.['rows'] !== rows)
        throw new Error(`${contender.name}: ${String(found?.['rows'])} rows were written`);
      return Object.fromEntries(Object.entries(samples).map(([row, sample]) => [row, { ...sample, rows }]));
    },
  };
}
