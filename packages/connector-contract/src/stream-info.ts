import type { Schema } from 'apache-arrow';

/** A stream that a source offers: a named series of records, such as a table. */
export interface StreamInfo {
  /** The namespace within the container, such as a PostgreSQL schema. */
  readonly namespace: string;
  readonly name: string;
  readonly schema: Schema;
  /** Columns in key order; empty if there is none. */
  readonly primaryKey: readonly string[];
  /** The server's own estimate, absent if it has never counted. */
  readonly estimatedRows?: number;
  readonly estimatedBytes?: number;
  /** Columns that could carry a cursor: orderable, and set for every row as far as the schema tells. */
  readonly cursorCandidates: readonly string[];
}

/** Names one stream. A missing namespace means the source's default. */
export interface StreamName {
  readonly namespace?: string;
  readonly name: string;
}
