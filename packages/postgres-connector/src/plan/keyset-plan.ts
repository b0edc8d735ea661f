import type { Filter } from '@sqlflow/connector-contract';
import { quoteIdentifier } from './identifier.js';
import { comesAfter, type KeysetColumn, orderBy } from './keyset.js';
import { filterOf, planAsText, planColumns, type ReadPlan, selectList, where } from './read-plan.js';
import { fromItem } from './relation.js';
import type { ColumnDescription, TableDescription } from './table-description.js';

/** What is read in the order of a key. */
export interface KeysetRead {
  readonly table: TableDescription;
  readonly key: readonly ColumnDescription[];
  readonly columns: readonly string[] | undefined;
  readonly filter: Filter;
}

const alias = 'r';

/**
 * Plans a read in the order of the key, of what comes after a place in it. The last columns of the result are those of the
 * key as text, which is exact for every type.
 *
 * The key is compared and ordered by its own operators and collations: that is what its uniqueness is judged by, too.
 *
 * @param after - The text of the key of the last row that was read.
 */
export function planKeyset(
  { table, key, columns, filter }: KeysetRead,
  after: readonly string[] | undefined,
  isDecodable: (typeOid: number) => boolean,
): ReadPlan {
  const planned = planColumns(table, columns, isDecodable);
  const parameters: string[] = [];
  const conditions = filterOf(table, filter, parameters);
  const keyset = key.map(({ name, sqlType }): KeysetColumn => {
    // A bare name behind ORDER BY would mean the column of the result, which is the text here.
    return { sql: `${alias}.${quoteIdentifier(name)}`, sqlType, nulls: 'never' };
  });
  if (after !== undefined) {
    // Of the type of the column that it is compared with.
    conditions.push(comesAfter(keyset, after, (text) => `$${String(parameters.push(text))}`));
  }
  const texts = keyset.map(({ sql }) => `${sql}::pg_catalog.text`);
  return {
    sql:
      `SELECT ${[...(planned.length === 0 ? [] : [selectList(planned)]), ...texts].join(', ')} ` +
      `FROM ${fromItem(table, alias)}${where(conditions)} ORDER BY ${orderBy(keyset)}`,
    parameters,
    columns: [...planned, ...key.map((column) => planAsText({ ...column, nullable: true }))],
  };
}

/** Asks whether a row has no key, which no order would find again; `undefined` if the table allows none. */
export function planNullCheck({ table, key, filter }: KeysetRead): ReadPlan | undefined {
  const nullable = key.filter((column) => column.nullable);
  if (nullable.length === 0) return undefined;
  const parameters: string[] = [];
  const conditions = filterOf(table, filter, parameters);
  const isNull = nullable.map(({ name }) => `${quoteIdentifier(name)} IS NULL`).join(' OR ');
  return {
    sql: `SELECT EXISTS (SELECT FROM ${fromItem(table)}${where([...conditions, `(${isNull})`])}) AS found`,
    parameters,
    columns: [],
  };
}
