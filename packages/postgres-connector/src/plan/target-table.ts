import type { TargetType } from '../target-type.js';
import type { CatalogRow, Query } from './catalog.js';

/** A table that is written to, as the catalogue has it. */
export interface TargetTable {
  readonly namespace: string;
  readonly name: string;
  /** As `pg_class.relkind`: `r` table, `p` partitioned table, `f` foreign table, `v` view, `m` materialised view. */
  readonly kind: string;
  /** Policies decide which rows the role may write. A COPY does not ask them, and is refused. */
  readonly hasRowSecurity: boolean;
  /**
   * MERGE finds the rows that ON CONFLICT would find. It is there since PostgreSQL 15, and goes by what is equal to a column, not
   * by an index, whose collation may tell apart what that of the column does not.
   */
  readonly takesMerge: boolean;
  /** In the table's order. */
  readonly columns: readonly TargetColumn[];
  /** The columns of each unique index that rows can be merged by: not partial, not deferrable, of columns alone. */
  readonly uniqueKeys: readonly (readonly string[])[];
}

export interface TargetColumn extends TargetType {
  readonly name: string;
  /** As the server spells it, such as `numeric(12,2)`. */
  readonly sqlType: string;
  /** The same without its modifier: what text is cast to, so that it is the column that refuses what is too long. */
  readonly castType: string;
  /** A collation of its own, quoted. */
  readonly collation?: string;
  readonly nullable: boolean;
  /** It has a default, or the server numbers it. */
  readonly hasDefault: boolean;
  /** The server computes it from other columns. */
  readonly isGenerated: boolean;
}

/**
 * Describes one table by its names, whatever the role may do with it. One row a column; none if there is no such table.
 * Parameters are text: as a `name`, one that is too long would be cut and find another table.
 */
export function describeTarget(namespace: string, name: string): Query {
  return {
    sql: `
WITH RECURSIVE domain (oid, base) AS (
  SELECT t.oid, t.typbasetype FROM pg_catalog.pg_type t WHERE t.typtype = 'd'
  UNION ALL
  SELECT d.oid, t.typbasetype FROM domain d JOIN pg_catalog.pg_type t ON t.oid = d.base AND t.typtype = 'd'
), base AS (
  SELECT t.oid, COALESCE(d.base, t.oid) AS base
  FROM pg_catalog.pg_type t LEFT JOIN (
    SELECT d.oid, d.base FROM domain d JOIN pg_catalog.pg_type t ON t.oid = d.base AND t.typtype <> 'd'
  ) d ON d.oid = t.oid
)
SELECT c.relkind AS kind, pg_catalog.row_security_active(c.oid) AS row_security,
  c.relkind IN ('r', 'p') AND pg_catalog.current_setting('server_version_num')::int >= 150000 AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_attribute x JOIN pg_catalog.pg_collation y ON y.oid = x.attcollation
    WHERE x.attrelid = c.oid AND NOT y.collisdeterministic) AS takes_merge, a.attname AS name,
  pg_catalog.format_type(a.atttypid, a.atttypmod) AS sql_type,
  pg_catalog.format_type(a.atttypid, -1) AS cast_type,
  CASE WHEN a.attcollation <> own.typcollation THEN pg_catalog.quote_ident(n2.nspname) || '.' || pg_catalog.quote_ident(l.collname)
  END AS collation,
  t.oid AS type_oid, t.typtype = 'e' AS is_enum,
  e.oid AS element_oid, e.typtype = 'e' AS element_is_enum,
  NOT (a.attnotnull OR own.typnotnull) AS nullable,
  a.atthasdef OR a.attidentity <> '' AS has_default,
  a.attgenerated <> '' AS is_generated,
  (SELECT pg_catalog.json_agg((
      SELECT pg_catalog.json_agg(k.attname ORDER BY p.place)
      FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS p (attnum, place)
        JOIN pg_catalog.pg_attribute k ON k.attrelid = c.oid AND k.attnum = p.attnum
      WHERE p.place <= i.indnkeyatts))
    FROM pg_catalog.pg_index i
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
      AND i.indpred IS NULL AND i.indexprs IS NULL) AS unique_keys
FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_type own ON own.oid = a.atttypid
  LEFT JOIN base b ON b.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_type t ON t.oid = b.base
  LEFT JOIN base eb ON eb.oid = t.typelem AND t.typelem <> 0 AND t.typcategory = 'A'
  LEFT JOIN pg_catalog.pg_type e ON e.oid = eb.base AND eb.base = t.typelem
  LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
  LEFT JOIN pg_catalog.pg_namespace n2 ON n2.oid = l.collnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text
ORDER BY a.attnum`,
    parameters: [namespace, name],
  };
}

/** What `describeTarget` found, `undefined` if there is no such table. */
export function toTargetTable(
  namespace: string,
  name: string,
  rows: readonly CatalogRow[],
): TargetTable | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  return {
    namespace,
    name,
    kind: first['kind'] ?? '',
    hasRowSecurity: first['row_security'] === 't',
    takesMerge: first['takes_merge'] === 't',
    columns: rows.filter((row) => row['name'] !== null).map(toTargetColumn),
    uniqueKeys: JSON.parse(first['unique_keys'] ?? '[]') as string[][],
  };
}

function toTargetColumn(row: CatalogRow): TargetColumn {
  const { collation, element_oid: element } = row;
  return {
    name: row['name'] ?? '',
    sqlType: row['sql_type'] ?? '',
    castType: row['cast_type'] ?? '',
    ...(collation != null && { collation }),
    typeOid: Number(row['type_oid']),
    isEnum: row['is_enum'] === 't',
    ...(element != null && {
      element: { typeOid: Number(element), isEnum: row['element_is_enum'] === 't' },
    }),
    nullable: row['nullable'] === 't',
    hasDefault: row['has_default'] === 't',
    isGenerated: row['is_generated'] === 't',
  };
}
