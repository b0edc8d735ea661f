import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import type { Contender } from '../frame/measure.js';
import { inChild } from '../postgres/child.js';
import { leftOutUnless } from '../postgres/left-out.js';
import { psqlContender, psqlVersion } from '../postgres/psql.js';

export const psqlRow = 'psql, COPY … (FORMAT binary) > /dev/null';
export const ours = {
  arrow: 'ours, Arrow batches',
  partitions: 'ours, Arrow batches, two connections',
  tls: 'ours, Arrow batches, TLS',
  rowsOf: 'ours, row objects, rowsOf() of each batch',
  rows: 'ours, row objects, rows()',
} as const;
export const peers = {
  postgres: 'postgres.js, cursor 10,000',
  pg: 'pg, one query',
  cursor: 'pg-cursor, 10,000 at a time',
  queryStream: 'pg-query-stream, 10,000 at a time',
} as const;

const program = new URL('./read-child.mjs', import.meta.url);
/** A hundred times as many must not take more memory. */
const memoryRows = { few: 200_000, many: 20_000_000 } as const;

export const memoryRow = {
  few: `memory: ${ours.arrow}, 200,000 rows`,
  many: `memory: ${ours.arrow}, 20,000,000 rows`,
} as const;

export function rowName(rows: number, what: string): string {
  return `${rows.toLocaleString('en')} rows: ${what}`;
}

/** @param ca - The certificate of the server; without one, TLS is left out. */
export function readContenders(
  server: PostgresEndpoint,
  rows: number,
  ca: string | undefined,
): readonly Contender[] {
  const child = (what: string, way: string, trusted?: string): Contender =>
    inChild(rowName(rows, what), program, way, { ...server, ...(trusted && { ca: trusted }) }, 'event');
  const copy = 'COPY event TO STDOUT (FORMAT binary)';
  return [
    ...leftOutUnless(psqlVersion(), psqlRow, 'there is no psql on the PATH', () =>
      psqlContender(rowName(rows, psqlRow), server, copy),
    ),
    child(ours.arrow, 'arrow'),
    child(ours.partitions, 'partitions'),
    ...leftOutUnless(ca, ours.tls, 'neither server nor machine can do TLS', (trusted) =>
      child(ours.tls, 'tls', trusted),
    ),
    child(ours.rowsOf, 'rows-of'),
    child(ours.rows, 'rows'),
    child(peers.postgres, 'postgres'),
    child(peers.pg, 'pg'),
    child(peers.cursor, 'cursor'),
    child(peers.queryStream, 'query-stream'),
  ];
}

/** Rows that are nowhere stored: `event_few` and `event_many`. */
export function memoryContenders(server: PostgresEndpoint): readonly Contender[] {
  return (['few', 'many'] as const).map((size) =>
    inChild(memoryRow[size], program, 'arrow', server, `event_${size}`),
  );
}

export const memoryViews = Object.entries(memoryRows).map(([size, rows]) => ({
  name: `event_${size}`,
  rows,
}));
