import { ConnectorError } from '@sqlflow/connector-contract';
import type { CatalogRow, Query } from './catalog.js';
import { quoteIdentifier } from './identifier.js';
import { columnsNamed } from './read-plan.js';
import { titleOf } from './relation.js';
import type { ColumnDescription, TableDescription } from './table-description.js';

/** Columns in whose order a relation is read. */
export interface ReadKey {
  readonly columns: readonly ColumnDescription[];
  /** The server guarantees that no two rows have the same. Otherwise it is only said to be so. */
  readonly isUnique: boolean;
}

/**
 * Lists the unique indexes whose word can be relied on for all rows that a read of the table gives, one row a column, best
 * first. Not those of a table that others inherit from, whose rows they do not see, nor those that find more values different
 * than the column does.
 */
export function listUniqueIndexes(namespace: string, name: string): Query {
  return {
    sql: `
SELECT i.indexrelid AS index, a.attname AS column_name
FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_index i ON i.indrelid = c.oid
  CROSS JOIN LATERAL pg_catalog.generate_series(0, i.indnkeyatts - 1) AS at (position)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[at.position]
WHERE n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text
  AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
  AND (c.relkind = 'p' OR NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid))
  AND NOT EXISTS (
    SELECT FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) AS other (position)
      JOIN pg_catalog.pg_attribute o ON o.attrelid = c.oid AND o.attnum = i.indkey[other.position]
      JOIN pg_catalog.pg_opclass p ON p.oid = i.indclass[other.position]
      LEFT JOIN pg_catalog.pg_collation l ON l.oid = o.attcollation
    WHERE NOT p.opcdefault OR NOT l.collisdeterministic AND i.indcollation[other.position] <> o.attcollation)
ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid, at.position`,
    parameters: [namespace, name],
  };
}

/**
 * Chooses the key of a read: the columns named, or those of the primary key or of a unique index on columns that are never
 * null.
 *
 * @param indexes - As {@link listUniqueIndexes} gives them.
 * @throws ConnectorError `unsupported` if there is none, `invalid-option` and `permission-denied` for the columns named.
 */
export function chooseKey(
  table: TableDescription,
  indexes: readonly CatalogRow[],
  named: readonly string[] | undefined,
): ReadKey {
  const key = findKey(table, indexes, named);
  if (key !== undefined) return key;
  throw new ConnectorError('unsupported', withoutKey(table), { kind: 'terminal', effect: 'none' });
}

/** The same, but `undefined` if there is none. */
export function findKey(
  table: TableDescription,
  indexes: readonly CatalogRow[],
  named: readonly string[] | undefined,
): ReadKey | undefined {
  const unique = columnsByIndex(indexes);
  if (named !== undefined) {
    return {
      columns: columnsNamed(table, named, 'key'),
      isUnique: unique.some((columns) => columns.every((column) => named.includes(column))),
    };
  }
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  for (const names of unique) {
    const columns = names.map((name) => byName.get(name)).filter((column) => column?.nullable === false);
    if (columns.length === names.length) {
      return { columns: columns.filter((column) => column !== undefined), isUnique: true };
    }
  }
  return undefined;
}

/** What is missing and what to do, as a sentence without its end. */
export function withoutKey(table: TableDescription): string {
  const some = table.columns.slice(0, 5).map(({ name }) => quoteIdentifier(name));
  return (
    `${titleOf(table)} has no primary key and no unique index on columns that are never null; name columns ` +
    `that tell its rows apart (option "key"), of ${some.join(', ')}${table.columns.length > some.length ? ', …' : ''}`
  );
}

function columnsByIndex(rows: readonly CatalogRow[]): readonly string[][] {
  const byIndex = new Map<unknown, string[]>();
  for (const { index, column_name: column } of rows) {
    const columns = byIndex.get(index) ?? [];
    byIndex.set(index, [...columns, column ?? '']);
  }
  return [...byIndex.values()];
}
