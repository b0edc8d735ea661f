// For users: reading a database.
export { PostgresSource, postgresSource } from './postgres-source.js';
export type { PostgresPartitionSet, PostgresResumableOptions } from './read-options.js';
export type { PostgresCommonOptions, PostgresRetryOptions, PostgresSourceOptions } from './options.js';
export { postgresOptionsFromEnvironment } from './connection/environment-options.js';
export { postgresOptionsFromUri } from './connection/postgres-uri.js';
export type { PostgresConnectionOptions, PostgresFileOptions } from './connection/libpq-parameters.js';
export type { PostgresTlsMode, PostgresTlsOptions } from './connection/tls-options.js';
export type {
  IncrementalRead,
  IncrementalReport,
  PostgresIncrementalOptions,
} from './incremental/incremental-options.js';
export type { CommitGuarantee, OpenTransaction } from './plan/incremental/commit-guarantee.js';
export type { CommitSafety } from './plan/incremental/commit-safety.js';
export type { NumericAs } from './decode/wire-column.js';
export type { ArraysAs } from './wire-type.js';

// For users: writing to a database.
export { PostgresDestination, postgresDestination } from './postgres-destination.js';
export type {
  DeadLetters,
  PostgresDestinationOptions,
  PostgresRowWriteOptions,
  PostgresWriteOptions,
} from './destination-options.js';
export type { RejectedRow } from './rejected-row.js';

// For authors: decoding PostgreSQL's binary rows that were fetched in another way.
export { createRowDecoder, type RowDecoder, type RowDecoderOptions } from './decode/row-decoder.js';
export type { Framing } from './decode/row-scanner.js';
export { typeOids, type WireColumn } from './decode/wire-column.js';
export type { WireAttribute, WirePart, WireType } from './wire-type.js';
