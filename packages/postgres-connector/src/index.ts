// For users: reading a database.
export { PostgresSource, postgresSource } from './postgres-source.js';
export type { PostgresRetryOptions, PostgresSourceOptions, PostgresTlsOptions } from './options.js';
export type { NumericAs } from './decode/wire-column.js';
export type { ArraysAs } from './wire-type.js';

// For authors: decoding PostgreSQL's binary rows that were fetched in another way.
export { createRowDecoder, type RowDecoder, type RowDecoderOptions } from './decode/row-decoder.js';
export type { Framing } from './decode/row-scanner.js';
export { typeOids, type WireColumn } from './decode/wire-column.js';
export type { WireAttribute, WirePart, WireType } from './wire-type.js';
