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

/**
 * An upsert that takes no more time than it must, if it can: of several rows with one key, or of a row that another transaction
 * has just inserted, it may make an error with one of `quickUpsertFails`. `undefined` where it would not notice, or for what is no
 * upsert. MERGE took two thirds of the time of ON CONFLICT (200,000 rows, half of them there already).
 */
export function quickUpsert(plan: WritePlan): string | undefined {
  const { table, columns, mode } = plan;
  const changed = columns.filter(({ isKey }) => !isKey);
  if (mode !== 'upsert' || changed.length === 0) return undefined;
  const values = columns.map(stagedValue);
  if (!table.takesMerge) return onConflict(plan, `SELECT ${values.join(', ')} FROM ${staging} AS s`);
  const keys = columns.flatMap((column, index) =>
    column.isKey ? [`t.${name(column)} = ${stagedValue(column, index)}`] : [],
  );
  const sets = columns.flatMap((column, index) =>
    column.isKey ? [] : [`${name(column)} = ${stagedValue(column, index)}`],
  );
  return `MERGE INTO ${title(table)} AS t USING ${staging} AS s ON ${keys.join(' AND ')}
    WHEN MATCHED THEN UPDATE SET ${sets.join(', ')}
    WHEN NOT MATCHED THEN INSERT (${names(columns)}) OVERRIDING SYSTEM VALUE VALUES (${values.join(', ')})`;
}

/** cardinality_violation: a row would be changed twice. unique_violation: MERGE did not see that a row was there. */
export const quickUpsertFails: readonly string[] = ['21000', '23505'];

/** Takes the staged rows to where they belong. Of several rows with one key the last one is taken, for which all are sorted. */
export function merge(plan: WritePlan): string {
  const { table, columns, mode } = plan;
  if (mode === 'delete') {
    const pairs = columns.map((column, index) => `t.${name(column)} = ${stagedValue(column, index)}`);
    return `DELETE FROM ${title(table)} AS t USING ${staging} AS s WHERE ${pairs.join(' AND ')}`;
  }
  const values = columns.map(stagedValue).join(', ');
  if (mode !== 'upsert') return `${insertInto(plan)} SELECT ${values} FROM ${staging} AS s`;
  const key = keyValues(plan);
  const last = `SELECT DISTINCT ON (${key}) ${values} FROM ${staging} AS s ORDER BY ${key}, s.${ordinal} DESC`;
  return onConflict(plan, last);
}

function onConflict(plan: WritePlan, rows: string): string {
  const changed = plan.columns
    .filter(({ isKey }) => !isKey)
    .map((column) => `${name(column)} = excluded.${name(column)}`);
  const action = changed.length === 0 ? 'NOTHING' : `UPDATE SET ${changed.join(', ')}`;
  return `${insertInto(plan)} ${rows}
    ON CONFLICT (${plan.key.map(quoteIdentifier).join(', ')}) DO ${action}`;
}

function insertInto({ table, columns }: WritePlan): string {
  return `INSERT INTO ${title(table)} AS t (${names(columns)}) OVERRIDING SYSTEM VALUE`;
}

/** Finds a key that more than one row has. */
export function findDuplicate(plan: WritePlan): string {
  return `SELECT pg_catalog.count(*) AS count FROM ${staging} AS s GROUP BY ${keyValues(plan)} HAVING pg_catalog.count(*) > 1 LIMIT 1`;
}

function keyValues({ columns }: WritePlan): string {
  return columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.isKey)
    .map(({ column, index }) => stagedValue(column, index))
    .join(', ');
}

/** A name that is no column's, however those are called. */
function stagedName(index: number): string {
  return `c${String(index)}`;
}

function stagedValue({ isAsText, target }: WrittenColumn, index: number): string {
  const staged = `s.${stagedName(index)}`;
  return isAsText ? `${staged}::${target.castType}` : staged;
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
