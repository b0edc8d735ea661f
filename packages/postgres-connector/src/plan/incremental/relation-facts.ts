import type { CatalogRow, Query } from '../catalog.js';

/** What an incremental read has to know of a table or view beyond its columns. */
export interface RelationFacts {
  /** Why its rows do not tell which transaction wrote them; absent if they do. */
  readonly withoutVersions?: string;
  /** Columns that tell its rows apart and are never NULL: the primary key first, then the unique index of the fewest. */
  readonly keys: readonly (readonly string[])[];
  /** The role may ask which server this is. */
  readonly mayAskSystem: boolean;
}

/** Names the server, as long as its data lives. */
export const askSystem: Query = {
  sql: 'SELECT system_identifier::pg_catalog.text AS system FROM pg_catalog.pg_control_system()',
  parameters: [],
};

/**
 * A partitioned table is what its partitions are; one that others inherit from is what they are, and an index of its own says
 * nothing of their rows.
 */
export function askRelationFacts(namespace: string, name: string): Query {
  return {
    sql: `
WITH RECURSIVE member (oid) AS (
  SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text
  UNION SELECT i.inhrelid FROM member m JOIN pg_catalog.pg_inherits i ON i.inhparent = m.oid
), root AS (
  SELECT c.oid, c.relkind = 'r' AND (SELECT count(*) FROM member) > 1 AS is_inherited
  FROM member m JOIN pg_catalog.pg_class c ON c.oid = m.oid LIMIT 1
)
SELECT (
  SELECT min(CASE c.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialised view' WHEN 'f' THEN 'a foreign table'
    ELSE 'stored by ' || a.amname END)
  FROM member m JOIN pg_catalog.pg_class c ON c.oid = m.oid LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
  WHERE c.relkind <> 'p' AND (c.relkind <> 'r' OR a.amname <> 'heap')
) AS without_versions, (
  SELECT pg_catalog.json_agg(k.names ORDER BY k.indisprimary DESC, k.indnkeyatts, k.indexrelid) FROM (
    SELECT i.indisprimary, i.indnkeyatts, i.indexrelid,
      pg_catalog.json_agg(a.attname ORDER BY p.nth) AS names, pg_catalog.bool_and(a.attnotnull) AS is_set
    FROM root JOIN pg_catalog.pg_index i ON i.indrelid = root.oid AND NOT root.is_inherited,
      LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS p (attnum, nth),
      pg_catalog.pg_attribute a
    WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
      AND p.nth <= i.indnkeyatts AND a.attrelid = i.indrelid AND a.attnum = p.attnum
    GROUP BY i.indisprimary, i.indnkeyatts, i.indexrelid
  ) AS k WHERE k.is_set
) AS keys,
  pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS may_ask_system`,
    parameters: [namespace, name],
  };
}

export function toRelationFacts(row: CatalogRow): RelationFacts {
  const lacking = row['without_versions'] ?? undefined;
  return {
    ...(lacking !== undefined && { withoutVersions: lacking }),
    // Made by the query above.
    keys: JSON.parse(row['keys'] ?? '[]') as string[][],
    mayAskSystem: row['may_ask_system'] === 't',
  };
}
