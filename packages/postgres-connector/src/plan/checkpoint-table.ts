import type { Checkpoint } from '@sqlflow/connector-contract';
import type { Query } from './catalog.js';
import { quoteQualified } from './identifier.js';

/** Where checkpoints are kept. */
export interface QualifiedName {
  readonly namespace: string;
  readonly name: string;
}

/** Says whether a table is there, as `found`. */
export function findTable({ namespace, name }: QualifiedName): Query {
  return {
    sql: `SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1::pg_catalog.text AND c.relname = $2::pg_catalog.text) AS found`,
    parameters: [namespace, name],
  };
}

/** Of two that create a table at once one fails, IF NOT EXISTS or not; so they take turns, until the end of a transaction. */
export function lockCreation({ namespace, name }: QualifiedName): Query {
  return {
    sql: `SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))`,
    parameters: [`sqlflow: create ${quoteQualified(namespace, name)}`],
  };
}

/** One row a stream. `committed_at` is for people; nothing depends on it. */
export function createCheckpointTable({ namespace, name }: QualifiedName): string {
  return `CREATE TABLE IF NOT EXISTS ${quoteQualified(namespace, name)} (
  stream_namespace text NOT NULL,
  stream_name text NOT NULL,
  checkpoint text NOT NULL,
  committed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (stream_namespace, stream_name)
)`;
}

export function saveCheckpoint(table: QualifiedName, stream: QualifiedName, checkpoint: Checkpoint): Query {
  return {
    sql: `INSERT INTO ${quoteQualified(table.namespace, table.name)} (stream_namespace, stream_name, checkpoint)
      VALUES ($1, $2, $3) ON CONFLICT (stream_namespace, stream_name)
      DO UPDATE SET checkpoint = excluded.checkpoint, committed_at = now()`,
    parameters: [stream.namespace, stream.name, JSON.stringify(checkpoint)],
  };
}

export function loadCheckpoint(table: QualifiedName, stream: QualifiedName): Query {
  return {
    sql: `SELECT checkpoint FROM ${quoteQualified(table.namespace, table.name)}
      WHERE stream_namespace = $1 AND stream_name = $2`,
    parameters: [stream.namespace, stream.name],
  };
}
