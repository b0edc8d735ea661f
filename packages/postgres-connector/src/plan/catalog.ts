import { arrayText } from './array-text.js';
import type { ColumnDescription, TableDescription } from './table-description.js';

export interface Query {
  readonly sql: string;
  readonly parameters: readonly string[];
}

/** One row of a catalogue query, every value as text. */
export type CatalogRow = Readonly<Record<string, string | null>>;

// Parameters are text: as a `name`, one that is too long would be cut and find another table.

/** Describes one table, by its names. No rows: there is none. */
export function describeTable(namespace: string, name: string): Query {
  return {
    sql: catalogSql('n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text', 'NULL, NULL'),
    parameters: [namespace, name],
  };
}

/**
 * Describes the result of a query as {@link describeTable} does a table. Nothing of it is known to be set for every row.
 *
 * @param columns - As the server has described them.
 */
export function describeResult(
  namespace: string,
  name: string,
  columns: readonly { readonly name: string; readonly typeOid: number; readonly typeModifier: number }[],
): Query {
  return {
    sql: `
SELECT '0' AS relation, $1::pg_catalog.text AS namespace, $2::pg_catalog.text AS name,
  NULL AS estimated_rows, NULL AS estimated_bytes, a.name AS column_name,
  pg_catalog.format_type(a.type_oid, a.type_modifier) AS sql_type, a.type_oid, a.type_modifier,
  true AS nullable, true AS readable, NULL AS key_position
FROM (SELECT) AS one LEFT JOIN
  ROWS FROM (pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.oid[]), pg_catalog.unnest($5::pg_catalog.int4[]))
  WITH ORDINALITY AS a (name, type_oid, type_modifier, position) ON true
ORDER BY a.position`,
    parameters: [
      namespace,
      name,
      arrayText(columns.map((column) => column.name)),
      arrayText(columns.map(({ typeOid }) => String(typeOid))),
      arrayText(columns.map(({ typeModifier }) => String(typeModifier))),
    ],
  };
}

/** Describes what the role may read in the given schemas. Partitions are left out: their table holds their rows. */
export function listTables(namespaces: readonly string[]): Query {
  const places = namespaces.map((_, index) => `$${String(index + 1)}::pg_catalog.text`).join(', ');
  return {
    sql: catalogSql(
      `n.nspname IN (${places}) AND NOT c.relispartition
         AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
         AND (pg_catalog.has_table_privilege(c.oid, 'SELECT') OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))`,
      estimates,
      estimateTables,
    ),
    parameters: [...namespaces],
  };
}

/** Says whether each schema exists and may be used: one row a schema, in no order. */
export function checkSchemas(namespaces: readonly string[]): Query {
  const places = namespaces.map((_, index) => `($${String(index + 1)}::pg_catalog.text)`).join(', ');
  return {
    sql: `SELECT wanted.name, n.oid IS NOT NULL AS found, pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS usable
      FROM (VALUES ${places}) AS wanted (name) LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.name`,
    parameters: [...namespaces],
  };
}

// From pg_class alone: pg_table_size and pg_partition_tree would wait for locks on the tables. A partitioned table has
// no storage of its own, and before PostgreSQL 14 a 0 could mean "never counted".
const estimates = `
  CASE c.relkind WHEN 'v' THEN NULL WHEN 'p' THEN (SELECT pg_catalog.sum(s.rows) FROM leaf l JOIN size s USING (oid)
    WHERE l.root = c.oid HAVING pg_catalog.bool_and(s.rows IS NOT NULL))
  ELSE (SELECT s.rows FROM size s WHERE s.oid = c.oid) END,
  CASE c.relkind WHEN 'v' THEN NULL WHEN 'f' THEN NULL
  WHEN 'p' THEN (SELECT pg_catalog.sum(s.bytes) FROM leaf l JOIN size s USING (oid)
    WHERE l.root = c.oid HAVING pg_catalog.bool_and(s.bytes IS NOT NULL))
  ELSE (SELECT s.bytes FROM size s WHERE s.oid = c.oid) END`;

const estimateTables = `
size AS NOT MATERIALIZED (
  SELECT c.oid,
    CASE WHEN counted THEN c.reltuples::float8 END AS rows,
    CASE WHEN counted THEN (c.relpages::int8 + COALESCE(t.relpages, 0)) * pg_catalog.current_setting('block_size')::int8
    END AS bytes
  FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid,
    LATERAL (SELECT c.reltuples > 0 OR (c.reltuples = 0
      AND pg_catalog.current_setting('server_version_num')::int >= 140000)) AS _ (counted)
), branch (root, oid) AS (
  SELECT i.inhparent, i.inhrelid FROM pg_catalog.pg_inherits i
    JOIN pg_catalog.pg_class p ON p.oid = i.inhparent AND p.relkind = 'p'
  UNION ALL
  SELECT b.root, i.inhrelid FROM branch b JOIN pg_catalog.pg_inherits i ON i.inhparent = b.oid
), leaf AS (
  SELECT b.root, b.oid FROM branch b JOIN pg_catalog.pg_class c ON c.oid = b.oid AND c.relkind <> 'p'
), `;

/**
 * One row a column; a table without columns has one row with none. A domain is resolved to what is beneath it. A column that must
 * not be null may be so all the same: in heirs, which need not be as strict, and where that was not validated (PostgreSQL 18).
 */
function catalogSql(filter: string, estimatedRowsAndBytes: string, withTables = ''): string {
  return `
WITH RECURSIVE domain (oid, base, modifier) AS (
  SELECT t.oid, t.typbasetype, t.typtypmod FROM pg_catalog.pg_type t WHERE t.typtype = 'd'
  UNION ALL
  SELECT d.oid, t.typbasetype, t.typtypmod
  FROM domain d JOIN pg_catalog.pg_type t ON t.oid = d.base AND t.typtype = 'd'
), resolved AS (
  SELECT d.oid, d.base, d.modifier
  FROM domain d JOIN pg_catalog.pg_type t ON t.oid = d.base AND t.typtype <> 'd'
), heir (root, oid) AS (
  SELECT i.inhparent, i.inhrelid
  FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent AND p.relkind = 'r'
  UNION SELECT h.root, i.inhrelid FROM heir h JOIN pg_catalog.pg_inherits i ON i.inhparent = h.oid
), ${withTables}relation (oid, namespace, name, estimated_rows, estimated_bytes) AS (
  SELECT c.oid, n.nspname, c.relname, ${estimatedRowsAndBytes}
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${filter}
)
SELECT r.oid AS relation, r.namespace, r.name, r.estimated_rows, r.estimated_bytes,
  a.attname AS column_name,
  pg_catalog.format_type(a.atttypid, a.atttypmod) AS sql_type,
  COALESCE(b.base, a.atttypid) AS type_oid,
  COALESCE(b.modifier, a.atttypmod) AS type_modifier,
  NOT a.attnotnull OR EXISTS (
    SELECT FROM heir h JOIN pg_catalog.pg_attribute o ON o.attrelid = h.oid AND o.attname = a.attname
    WHERE h.root = r.oid AND NOT o.attnotnull
  ) OR EXISTS (
    SELECT FROM pg_catalog.pg_constraint t
    WHERE (t.conrelid = r.oid OR t.conrelid IN (SELECT h.oid FROM heir h WHERE h.root = r.oid))
      AND t.contype = 'n' AND NOT t.convalidated AND a.attnum = ANY (t.conkey)
  ) AS nullable,
  pg_catalog.has_column_privilege(r.oid, a.attnum, 'SELECT') AS readable,
  pg_catalog.array_position(k.indkey::pg_catalog.int2[], a.attnum) AS key_position
FROM relation r
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_index k ON k.indrelid = r.oid AND k.indisprimary
  LEFT JOIN resolved b ON b.oid = a.atttypid
ORDER BY r.namespace, r.name, a.attnum`;
}

/** Puts the rows of a catalogue query together, one description a table, in the order of the rows. */
export function toTableDescriptions(rows: readonly CatalogRow[]): TableDescription[] {
  const byRelation = new Map<string, CatalogRow[]>();
  for (const row of rows) {
    const relation = text(row, 'relation');
    const known = byRelation.get(relation);
    if (known === undefined) byRelation.set(relation, [row]);
    else known.push(row);
  }
  return [...byRelation.values()].map(toTableDescription);
}

function toTableDescription(rows: readonly CatalogRow[]): TableDescription {
  const [first = {}] = rows;
  const columns = rows.filter((row) => row['column_name'] !== null);
  const readable = columns.filter((row) => row['readable'] === 't');
  const estimatedRows = optionalNumber(first, 'estimated_rows');
  const estimatedBytes = optionalNumber(first, 'estimated_bytes');
  return {
    namespace: text(first, 'namespace'),
    name: text(first, 'name'),
    columns: readable.map(toColumnDescription),
    deniedColumns: columns.filter((row) => row['readable'] !== 't').map((row) => text(row, 'column_name')),
    primaryKey: primaryKeyOf(columns),
    ...(estimatedRows !== undefined && { estimatedRows: Math.round(estimatedRows) }),
    ...(estimatedBytes !== undefined && { estimatedBytes }),
  };
}

function toColumnDescription(row: CatalogRow): ColumnDescription {
  return {
    name: text(row, 'column_name'),
    sqlType: text(row, 'sql_type'),
    typeOid: Number(row['type_oid']),
    typeModifier: Number(row['type_modifier']),
    nullable: row['nullable'] === 't',
  };
}

function primaryKeyOf(columns: readonly CatalogRow[]): string[] {
  const key = columns.filter((row) => row['key_position'] !== null);
  if (key.some((row) => row['readable'] !== 't')) return [];
  return key
    .sort((a, b) => Number(a['key_position']) - Number(b['key_position']))
    .map((row) => text(row, 'column_name'));
}

function text(row: CatalogRow, column: string): string {
  return row[column] ?? '';
}

function optionalNumber(row: CatalogRow, column: string): number | undefined {
  const value = row[column] ?? undefined;
  return value === undefined ? undefined : Number(value);
}
