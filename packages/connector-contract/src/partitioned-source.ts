import type { RecordBatch } from 'apache-arrow';
import type { Json } from './checkpoint.js';
import type { ReadOptions, Source } from './source.js';
import type { StreamName } from './stream-info.js';

/** A slice of one snapshot of a stream, to be read on its own, also by another process: it goes through JSON unchanged. */
export interface Partition {
  /** What made it, such as `postgres/partition`. A source refuses a format that it does not know, `invalid-option`. */
  readonly format: string;
  /** Of that format, from 1. A source refuses a version that it does not know. */
  readonly version: number;
  readonly stream: Required<StreamName>;
  /** For its format alone to understand. It holds no secret. */
  readonly slice: Json;
}

export interface PartitionOptions {
  /** The column whose ranges are the slices, where the source does not cut by where rows are stored. */
  readonly key?: string;
  /** Ends the planning: it rejects with `signal.reason`, and no snapshot is left behind. */
  readonly signal?: AbortSignal;
}

/**
 * The slices of one snapshot, which lives until this is disposed of, the source that made it is, or its connection breaks.
 * A slice cannot be read after that, `not-found`.
 */
export interface PartitionSet extends AsyncDisposable {
  readonly partitions: readonly Partition[];
}

/** A source whose streams can be read in parts, by several connections or processes. */
export interface PartitionedSource extends Source {
  /**
   * Cuts a stream into at least one and at most `count` slices, which together hold each row of one snapshot exactly once.
   *
   * @throws ConnectorError as {@link Source.read} does; `unsupported` if the stream can only be cut by a key and has none.
   */
  partitions(stream: StreamName, count: number, options?: PartitionOptions): Promise<PartitionSet>;

  /** Reads one slice, as `read` reads a stream. A slice may be read more than once, and by any source of the same place. */
  readPartition(partition: Partition, options?: ReadOptions): AsyncIterable<RecordBatch>;
}
