import type { Query } from './catalog.js';
import type { QualifiedName } from './checkpoint-table.js';
import { quoteQualified } from './identifier.js';

/** What is kept of a row that was not written, every part as text. */
export interface DeadLetter {
  readonly index: string;
  readonly code: string;
  readonly sqlState: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;
  readonly reason: string;
  /** The row as JSON. */
  readonly row: string;
}

/** The row is json and not jsonb, which has no place for a NUL. */
export function createDeadLetterTable({ namespace, name }: QualifiedName): string {
  return `CREATE TABLE IF NOT EXISTS ${quoteQualified(namespace, name)} (
  stream_namespace text NOT NULL,
  stream_name text NOT NULL,
  rejected_at timestamptz NOT NULL DEFAULT now(),
  row_index bigint NOT NULL,
  code text NOT NULL,
  sql_state text,
  column_name text,
  constraint_name text,
  reason text NOT NULL,
  rejected_row json NOT NULL
)`;
}

export function saveDeadLetter(table: QualifiedName, stream: QualifiedName, letter: DeadLetter): Query {
  const { index, code, sqlState = '', column = '', constraint = '', reason, row } = letter;
  return {
    sql: `INSERT INTO ${quoteQualified(table.namespace, table.name)}
      (stream_namespace, stream_name, row_index, code, sql_state, column_name, constraint_name, reason, rejected_row)
      VALUES ($1, $2, $3, $4, nullif($5, ''), nullif($6, ''), nullif($7, ''), $8, $9)`,
    parameters: [
      ...[stream.namespace, stream.name, index, code],
      ...[sqlState, column, constraint, reason, row],
    ],
  };
}
