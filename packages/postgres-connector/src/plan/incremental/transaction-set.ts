import type { CatalogRow, Query } from '../catalog.js';

/**
 * The transactions that had ended at one moment: every one with an id below `below`, but for those that were running. The ids are
 * those of the server, 64 bits wide; a subtransaction has one of its own, and is running as long as its transaction is.
 */
export interface TransactionSet {
  /** Exclusive. */
  readonly below: bigint;
  /** Ids below that which were running: the first of each stretch, and how many. In order, and not touching. */
  readonly running: readonly (readonly [first: bigint, count: number])[];
  /** All that had ended by this time of the server's clock is in the set. As text. */
  readonly at: string;
}

/**
 * A long transaction keeps the ids that began after it in question, so their state is asked one by one: 0.5 µs each, measured.
 * What has a later id is left to the next read.
 */
const mostAsked = 1_000_000;

/** More stretches would make checkpoints long. What lies behind the last is left to the next read. */
export const mostRunning = 80;

/**
 * Asks for the transactions that have ended. The snapshot is older than the look at each state, so that none ends in between
 * unseen: a read that takes its snapshot after this has run sees all that they wrote.
 */
export const askTransactionSet: Query = {
  sql: `
SELECT edge.below, edge.below = edge.high AS is_whole, pg_catalog.statement_timestamp()::pg_catalog.text AS at,
  (SELECT pg_catalog.string_agg(stretch.first || '+' || stretch.count, ',' ORDER BY stretch.first) FROM (
    SELECT min(x) AS first, count(*) AS count FROM (
      SELECT x, x - row_number() OVER (ORDER BY x) AS island
      FROM pg_catalog.generate_series(edge.low, edge.below - 1) AS x
      WHERE pg_catalog.pg_xact_status(x::pg_catalog.text::pg_catalog.xid8) = 'in progress'
    ) AS running GROUP BY island ORDER BY 1 LIMIT ${String(mostRunning + 1)}
  ) AS stretch) AS running
FROM (
  SELECT low, high, LEAST(high, low + ${String(mostAsked)}) AS below FROM (
    SELECT pg_catalog.pg_snapshot_xmin(now)::pg_catalog.text::pg_catalog.int8 AS low,
      pg_catalog.pg_snapshot_xmax(now)::pg_catalog.text::pg_catalog.int8 AS high
    FROM pg_catalog.pg_current_snapshot() AS now
  ) AS edges
) AS edge`,
  parameters: [],
};

/** What was found when the server was asked. */
export interface SeenTransactions {
  readonly set: TransactionSet;
  /** It holds all that had ended. Otherwise it was cut off, and what lies beyond is left to a later read. */
  readonly isWhole: boolean;
}

export function toSeenTransactions(row: CatalogRow): SeenTransactions {
  const running = (row['running'] ?? '')
    .split(',')
    .filter((stretch) => stretch !== '')
    .map((stretch): readonly [bigint, number] => {
      const [first = '0', count = '0'] = stretch.split('+');
      return [BigInt(first), Number(count)];
    });
  const beyond = running[mostRunning];
  return {
    set: {
      below: beyond === undefined ? BigInt(row['below'] ?? '0') : beyond[0],
      running: running.slice(0, mostRunning),
      at: row['at'] ?? '',
    },
    isWhole: beyond === undefined && row['is_whole'] === 't',
  };
}

/**
 * What a pass may give after one that gave `earlier`. A set that was cut off holds less than its time says, so it has that of the
 * earlier one; and if it was cut off before the end of that, it does not take its place.
 */
export function grown(earlier: TransactionSet | null, { set, isWhole }: SeenTransactions): TransactionSet {
  if (isWhole) return set;
  if (earlier !== null && set.below < earlier.below) return earlier;
  return { ...set, at: earlier?.at ?? '-infinity' };
}

/** The first id that is not in the set. */
function firstMissing({ below, running }: TransactionSet): bigint {
  return running[0]?.[0] ?? below;
}

/**
 * The 32 bits that a row keeps of the id of what wrote it, counted from `low` on. Ids before `low` come out near 2^32, since no
 * row keeps one from which 2^31 have passed, unless it is frozen.
 */
function idFrom(low: bigint, alias: string): string {
  return `((${alias}.xmin::pg_catalog.text::pg_catalog.int8 - ${String(low)}) & 4294967295)`;
}

/**
 * SQL that says whether an id, counted from `low`, is missing from the set. The server finds the stretch that it lies in: every
 * other one is of transactions that were running.
 */
function isMissing(id: string, low: bigint, { below, running }: TransactionSet): string {
  const edges = [...running.flatMap(([first, count]) => [first, first + BigInt(count)]), below];
  const list = edges.map((edge) => String(edge - low)).join(', ');
  return `pg_catalog.width_bucket(${id}, ARRAY[${list}]::pg_catalog.int8[]) % 2 = 1`;
}

/** SQL that says whether a visible row was written by a transaction of the set. */
export function writtenWithin(set: TransactionSet, alias: string): string {
  const low = firstMissing(set);
  const id = idFrom(low, alias);
  // What is visible is below the end of the snapshot. A frozen row may be so old that its 32 bits lie beyond that.
  const end = `(SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::pg_catalog.text::pg_catalog.int8)`;
  return `NOT (${id} < ${end} - ${String(low)} AND ${isMissing(id, low, set)})`;
}

/** SQL that says whether a visible row was written by a transaction of `later`, which holds all of `earlier`, and not of that. */
export function writtenBetween(earlier: TransactionSet, later: TransactionSet, alias: string): string {
  const low = firstMissing(earlier);
  const id = idFrom(low, alias);
  // Most rows are old, and missing from both: their ids come out near 2^32.
  return `(NOT (${isMissing(id, low, later)}) AND ${isMissing(id, low, earlier)})`;
}
