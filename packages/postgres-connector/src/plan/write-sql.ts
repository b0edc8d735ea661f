import { quoteIdentifier, quoteQualified } from './identifier.js';
import type { TargetTable } from './target-table.js';
import type { WritePlan, WrittenColumn } from './write-plan.js';

// In pg_temp by name, so that no table of the same name is found first.
const staging = 'pg_temp.sqlflow_staging';
const ordinal = 'sqlflow_ordinal';

/** Keeps other writers away until the end, and lets readers read. */
export function lockForReplace(table: TargetTable): string {
  return `LOCK TABLE ${title(table)} IN SHARE ROW EXCLUSIVE MODE`;
}

/** Not TRUNCATE, which would be seen by readers whose snapshot is older. */
export function emptyTable(table: TargetTable): string {
  return `DELETE FROM ${title(table)}`;
}

export function createStaging({ columns, mode }: WritePlan): string {
  const lines = columns.map(({ target, isAsText }, index) => {
    if (isAsText) return `${stagedName(index)} pg_catalog.text`;
    const collate = target.collation === undefined ? '' : ` COLLATE ${target.collation}`;
    return `${stagedName(index)} ${target.sqlType}${collate}`;
  });
  if (isNumbered(mode)) lines.unshift(`${ordinal} pg_catalog.int8`);
  return `CREATE TEMPORARY TABLE sqlflow_staging (${lines.join(', ')}) ON COMMIT DROP`;
}

export const clearStaging = `TRUNCATE ${staging}`;

/** Rows of a write by key are numbered, so that the last of several can be told. */
export function isNumbered(mode: WritePlan['mode']): boolean {
  return mode === 'upsert' || mode === 'delete';
}

/** To the table itself, or to the one where rows are staged. */
export function copyIn({ table, columns, isStaged }: WritePlan): string {
  const where = isStaged ? staging : `${title(table)} (${names(columns)})`;
  return `COPY ${where} FROM STDIN (FORMAT binary)`;
}

/** Whether an upsert itself fails with SQLSTATE 21000 at several rows with one key, if they are not sorted out before. */
export function noticesDuplicates({ mode, columns }: WritePlan): boolean {
  return mode === 'upsert' && columns.some(({ isKey }) => !isKey);
}

/**
 * Takes the staged rows to where they belong.
 *
 * @param duplicates - `last`: of several rows with one key in an upsert the last one is taken, for which all are sorted;
 * `none`: there are none.
 */
export function merge(plan: WritePlan, duplicates: 'last' | 'none'): string {
  const { table, columns, mode, key } = plan;
  if (mode === 'delete') {
    const pairs = columns.map((column, index) => `t.${name(column)} = s.${value(column, index)}`);
    return `DELETE FROM ${title(table)} AS t USING ${staging} AS s WHERE ${pairs.join(' AND ')}`;
  }
  const values = columns.map((column, index) => `s.${value(column, index)}`).join(', ');
  const insert = `INSERT INTO ${title(table)} AS t (${names(columns)}) OVERRIDING SYSTEM VALUE`;
  if (mode !== 'upsert') return `${insert} SELECT ${values} FROM ${staging} AS s`;
  const keyed = keyValues(plan);
  const changed = columns
    .filter(({ isKey }) => !isKey)
    .map((column) => `${name(column)} = excluded.${name(column)}`);
  const action = changed.length === 0 ? 'NOTHING' : `UPDATE SET ${changed.join(', ')}`;
  const [distinct, order] =
    duplicates === 'none' ? ['', ''] : [`DISTINCT ON (${keyed}) `, ` ORDER BY ${keyed}, s.${ordinal} DESC`];
  return `${insert} SELECT ${distinct}${values} FROM ${staging} AS s${order}
    ON CONFLICT (${key.map(quoteIdentifier).join(', ')}) DO ${action}`;
}

/** Finds a key that more than one row has. */
export function findDuplicate(plan: WritePlan): string {
  return `SELECT pg_catalog.count(*) AS count FROM ${staging} AS s GROUP BY ${keyValues(plan)} HAVING pg_catalog.count(*) > 1 LIMIT 1`;
}

function keyValues({ columns }: WritePlan): string {
  return columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.isKey)
    .map(({ column, index }) => `s.${value(column, index)}`)
    .join(', ');
}

/** A name that is no column's, however those are called. */
function stagedName(index: number): string {
  return `c${String(index)}`;
}

function value({ isAsText, target }: WrittenColumn, index: number): string {
  return isAsText ? `${stagedName(index)}::${target.castType}` : stagedName(index);
}

function name({ target }: WrittenColumn): string {
  return quoteIdentifier(target.name);
}

function names(columns: readonly WrittenColumn[]): string {
  return columns.map(name).join(', ');
}

function title({ namespace, name: table }: TargetTable): string {
  return quoteQualified(namespace, table);
}
