import type { CatalogRow, Query } from './catalog.js';

/** One of the relations that hold the rows of a table: itself, its partitions, and what inherits from it. */
export interface StoredPart {
  readonly namespace: string;
  readonly name: string;
  /** As `pg_class.relkind` has it: `r` table, `p` partitioned, `m` materialised view, `v` view, `f` foreign. */
  readonly kind: string;
  readonly blocks: number;
  /** Whether the role may read it by its own name. */
  readonly isReadable: boolean;
  /** Whether policies decide which of its rows the role sees. */
  readonly isSecured: boolean;
}

// Its name alone could be that of another one on another server, such as a standby behind the same address.
const exported = `pg_catalog.pg_export_snapshot() || '/' || pg_catalog.pg_current_snapshot()`;

/** Exports the snapshot of this very statement. */
export const exportSnapshot: Query = {
  sql: `SELECT ${exported} AS snapshot,
    pg_catalog.current_setting('server_version_num') AS server_version`,
  parameters: [],
};

/**
 * Exports the snapshot of this very statement, and lists where it has the rows of a table: one row a part. In one
 * statement, since a partition that is attached between two would be missing.
 */
export function exportSnapshotOf(namespace: string, name: string): Query {
  return {
    sql: `
WITH RECURSIVE part (oid) AS (
  SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text
  UNION
  SELECT i.inhrelid FROM part JOIN pg_catalog.pg_inherits i ON i.inhparent = part.oid
    -- A column since PostgreSQL 14: a partition that is being detached does not count any more.
    AND pg_catalog.to_jsonb(i) ->> 'inhdetachpending' IS DISTINCT FROM 'true'
)
SELECT (SELECT ${exported}) AS snapshot,
  pg_catalog.current_setting('server_version_num') AS server_version,
  n.nspname AS namespace, c.relname AS name, c.relkind AS kind,
  CASE WHEN c.relkind IN ('r', 'm') THEN
    pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::pg_catalog.int8 ELSE 0 END AS blocks,
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable,
  pg_catalog.row_security_active(c.oid) AS secured
FROM part JOIN pg_catalog.pg_class c ON c.oid = part.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't'
ORDER BY c.oid`,
    parameters: [namespace, name],
  };
}

export function toStoredPart(row: CatalogRow): StoredPart {
  return {
    namespace: row['namespace'] ?? '',
    name: row['name'] ?? '',
    kind: row['kind'] ?? '',
    blocks: Number(row['blocks']),
    isReadable: row['readable'] === 't',
    isSecured: row['secured'] === 't',
  };
}
