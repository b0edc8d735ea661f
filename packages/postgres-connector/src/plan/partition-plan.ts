import { ConnectorError, type Filter } from '@sqlflow/connector-contract';
import { quoteIdentifier, quoteQualified } from './identifier.js';
import { filterOf, planColumns, type ReadPlan, selectList, where } from './read-plan.js';
import { fromItem, titleOf } from './relation.js';
import type { StoredPart } from './storage.js';
import type { TableDescription } from './table-description.js';

/** Blocks of one table, of those that it inherits to none. */
export interface BlockRange {
  readonly namespace: string;
  readonly name: string;
  /** The first block. @defaultValue 0 */
  readonly from?: number;
  /** The block after the last one; absent if the range is open, so that what was added since it was planned is in it. */
  readonly to?: number;
}

/** Values of one column, as text. Without `from` it has what is null, too. */
export interface KeyRange {
  readonly column: string;
  /** Inclusive. */
  readonly from?: string;
  /** Exclusive. */
  readonly to?: string;
}

export type Slice =
  { readonly blocks: readonly BlockRange[] } | { readonly key: KeyRange } | { readonly whole: true };

/** `whole`: not at all, since there is nothing to cut. */
export type Cut = 'blocks' | 'whole' | { readonly column: string };

/** Before this version the server scans the whole table for every range of blocks. */
const firstWithBlockScans = 140_000;

/**
 * How a relation is cut: by where its rows are stored, which is cheap and even, or by a column.
 *
 * @param parts - Where its rows are stored; empty for a query.
 * @param count - Slices wanted.
 * @param column - The column asked for, if one was.
 * @throws ConnectorError `unsupported` if that takes a column and none is known.
 */
export function cutOf(
  table: TableDescription,
  parts: readonly StoredPart[],
  serverVersion: number,
  count: number,
  column: string | undefined,
): Cut {
  if (count === 1) return 'whole';
  if (column !== undefined) return { column };
  if (hasBlocks(parts) && serverVersion >= firstWithBlockScans) return 'blocks';
  const [first] = table.primaryKey;
  if (first !== undefined) return { column: first };
  if (parts.length > 0 && parts.every(({ kind }) => kind === 'p')) return 'whole';
  const message = `${titleOf(table)} cannot be cut by where its rows are stored; name a column whose ranges are the slices (option "key")`;
  throw new ConnectorError('unsupported', message, { kind: 'terminal', effect: 'none' });
}

/** Read by its own name, a part would have its own privileges and policies instead of those of its parent. */
function hasBlocks(parts: readonly StoredPart[]): boolean {
  const isAlone = parts.length === 1;
  return (
    parts.some(({ kind }) => kind === 'r' || kind === 'm') &&
    (isAlone || parts.every(({ isReadable, isSecured }) => isReadable && !isSecured))
  );
}

/** Cuts tables into at most `count` slices of about as many blocks. Each has every row of every table in exactly one. */
export function sliceByBlocks(parts: readonly StoredPart[], count: number): Slice[] {
  const total = parts.reduce((sum, { blocks }) => sum + blocks, 0);
  const slices = Array.from({ length: Math.max(1, Math.min(count, total)) }, (): BlockRange[] => []);
  let before = 0;
  for (const { namespace, name, kind, blocks } of parts) {
    if (kind === 'p') continue;
    const end = before + blocks;
    for (const [index, ranges] of slices.entries()) {
      const first = Math.floor((index * total) / slices.length);
      const last = Math.floor(((index + 1) * total) / slices.length);
      const from = Math.max(first, before);
      const to = Math.min(last, end);
      // A table that is empty by now is in the slice that its blocks would begin in, or the last one.
      const isItsPlace = blocks === 0 && (index === slices.length - 1 || last > before) && first <= before;
      if (from >= to && !isItsPlace) continue;
      ranges.push({
        namespace,
        name,
        ...(from > before && { from: from - before }),
        ...(to < end && { to: to - before }),
      });
      if (isItsPlace) break;
    }
    before = end;
  }
  return slices.map((blocks) => ({ blocks }));
}

/** Asks for the values at which a column is to be cut, in order, as text. It takes one pass over all rows. */
export function keyBounds(table: TableDescription, column: string, count: number): ReadPlan {
  const fractions = Array.from({ length: count - 1 }, (_, index) => String((index + 1) / count));
  return {
    sql: `SELECT pg_catalog.unnest(pg_catalog.percentile_disc($1::pg_catalog.float8[])
      WITHIN GROUP (ORDER BY ${quoteIdentifier(column)}))::pg_catalog.text AS bound FROM ${fromItem(table)}`,
    parameters: [`{${fractions.join(',')}}`],
    columns: [],
  };
}

/** @param bounds - In order, as {@link keyBounds} gives them. */
export function sliceByKey(column: string, bounds: readonly string[]): Slice[] {
  const distinct = bounds.filter((bound, index) => bound !== bounds[index - 1]);
  return [undefined, ...distinct].map((from, index) => {
    const to = distinct[index];
    return { key: { column, ...(from !== undefined && { from }), ...(to !== undefined && { to }) } };
  });
}

/** Plans the reading of one slice. Throws as `planRead` does. */
export function planSlice(
  table: TableDescription,
  slice: Slice,
  columns: readonly string[] | undefined,
  isDecodable: (typeOid: number) => boolean,
  filter: Filter = [],
): ReadPlan {
  const planned = planColumns(table, columns, isDecodable);
  const parameters: string[] = [];
  const conditions = filterOf(table, filter, parameters);
  const select = (from: string, range: readonly string[]): string =>
    `SELECT ${selectList(planned)} FROM ${from}${where([...range, ...conditions])}`;
  if ('blocks' in slice) {
    const selects = slice.blocks.map((range) => {
      return select(`ONLY ${quoteQualified(range.namespace, range.name)}`, inBlockRange(range));
    });
    return { sql: selects.join(' UNION ALL '), parameters, columns: planned };
  }
  const sql = select(fromItem(table), 'key' in slice ? inKeyRange(slice.key, parameters) : []);
  return { sql, parameters, columns: planned };
}

function inBlockRange({ from, to }: BlockRange): string[] {
  return [
    ...(from === undefined ? [] : [`ctid >= '(${String(from)},0)'::pg_catalog.tid`]),
    ...(to === undefined ? [] : [`ctid < '(${String(to)},0)'::pg_catalog.tid`]),
  ];
}

/** A bound takes the type of the column, and is compared by the column's collation. */
function inKeyRange({ column, from, to }: KeyRange, parameters: string[]): string[] {
  const name = quoteIdentifier(column);
  const place = (bound: string): string => `$${String(parameters.push(bound))}`;
  if (from === undefined) return to === undefined ? [] : [`(${name} IS NULL OR ${name} < ${place(to)})`];
  return [`${name} >= ${place(from)}`, ...(to === undefined ? [] : [`${name} < ${place(to)}`])];
}
