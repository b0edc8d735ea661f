// For users: reading a database.
export { PostgresSource, postgresSource } from './postgres-source.js';
export { PostgresPartitionSet } from './partitioning.js';
export type { PostgresResumableOptions } from './read-options.js';
export type { PostgresRetryOptions, PostgresSourceOptions, PostgresTlsOptions } from './options.js';
export type { NumericAs } from './decode/wire-column.js';

// For authors: decoding PostgreSQL's binary rows that were fetched in another way.
export { createRowDecoder, type RowDecoder, type RowDecoderOptions } from './decode/row-decoder.js';
export type { Framing } from './decode/row-scanner.js';
export { typeOids, type WireColumn } from './decode/wire-column.js';
