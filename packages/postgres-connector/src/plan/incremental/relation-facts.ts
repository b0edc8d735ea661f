import type { CatalogRow, Query } from '../catalog.js';

/** What an incremental read has to know of a table or view beyond its columns. */
export interface RelationFacts {
  /** Why its rows do not tell which transaction wrote them; absent if they do. */
  readonly withoutVersions?: string;
  /** An index begins with the cursor; `undefined` for what has no indexes. */
  readonly isCursorIndexed: boolean | undefined;
}

/** What it has to know of the server. */
export interface ServerFacts {
  readonly isStandby: boolean;
  readonly database: string;
  /** The role may ask which server this is. */
  readonly mayAskSystem: boolean;
}

export const askServerFacts: Query = {
  sql: `
SELECT pg_catalog.pg_is_in_recovery() AS is_standby, pg_catalog.current_database() AS database,
  pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS may_ask_system`,
  parameters: [],
};

export function toServerFacts(row: CatalogRow): ServerFacts {
  return {
    isStandby: row['is_standby'] === 't',
    database: row['database'] ?? '',
    mayAskSystem: row['may_ask_system'] === 't',
  };
}

/** Names the server, as long as its data lives. */
export const askSystem: Query = {
  sql: 'SELECT system_identifier::pg_catalog.text AS system FROM pg_catalog.pg_control_system()',
  parameters: [],
};

/** A partitioned table is what its partitions are, and one that others inherit from what they are. */
export function askRelationFacts(namespace: string, name: string, cursorField: string): Query {
  return {
    sql: `
WITH RECURSIVE member (oid) AS (
  SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text
  UNION SELECT i.inhrelid FROM member m JOIN pg_catalog.pg_inherits i ON i.inhparent = m.oid
)
SELECT (
  SELECT min(CASE c.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialised view' WHEN 'f' THEN 'a foreign table'
    ELSE 'stored by ' || a.amname END)
  FROM member m JOIN pg_catalog.pg_class c ON c.oid = m.oid LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
  WHERE c.relkind <> 'p' AND (c.relkind <> 'r' OR a.amname <> 'heap')
) AS without_versions, (
  SELECT CASE WHEN c.relkind IN ('r', 'p', 'm') THEN EXISTS (
    SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND a.attname = $3::pg_catalog.text) END
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text
) AS is_cursor_indexed`,
    parameters: [namespace, name, cursorField],
  };
}

export function toRelationFacts(row: CatalogRow): RelationFacts {
  const lacking = row['without_versions'] ?? undefined;
  return {
    ...(lacking !== undefined && { withoutVersions: lacking }),
    isCursorIndexed: row['is_cursor_indexed'] == null ? undefined : row['is_cursor_indexed'] === 't',
  };
}
