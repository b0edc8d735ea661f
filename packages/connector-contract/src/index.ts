// For users of connectors.
export {
  ConnectorError,
  type ConnectorErrorCode,
  type ConnectorErrorDetail,
  isTransient,
} from './connector-error.js';
export {
  type ConnectionReport,
  type ConnectionStage,
  connectionStages,
  type StageReport,
} from './connection-report.js';
export type { Checkpoint, Json } from './checkpoint.js';
export type { Condition, Filter, FilterValue } from './filter.js';
export type { Destination, WriteMode, WriteOptions, WriteReport } from './destination.js';
export type {
  IncrementalBatch,
  IncrementalOptions,
  IncrementalSource,
  NullCursors,
} from './incremental-source.js';
export type { Partition, PartitionedSource, PartitionOptions, PartitionSet } from './partitioned-source.js';
export type { ResumableOptions, ResumableSource } from './resumable-source.js';
export type { RowOptions } from './row-options.js';
export { type Row, rows, rowsOf } from './rows.js';
export { type ReadOptions, type Source } from './source.js';
export { Secret } from './secret.js';
export type { SaveOptions, StateStore, StoredCheckpoint } from './state-store.js';
export { type StreamInfo, type StreamName } from './stream-info.js';

// For authors of connectors.
export {
  type CheckFailure,
  checkFailure,
  type CheckOutcome,
  connectionReport,
  type StageMessages,
} from './connection-report.js';
export { parseOptions } from './option-error.js';
export {
  certificates,
  flag,
  hostName,
  type RetryLimits,
  retryLimits,
  secret,
  text,
  wholeNumber,
} from './option-schemas.js';
export { type Classification, classifySocketError, errorCodeOf } from './socket-error.js';
