import type { RecordBatch } from 'apache-arrow';
import type { Checkpoint } from './checkpoint.js';
import type { ConnectionReport } from './connection-report.js';
import type { StreamName } from './stream-info.js';

/**
 * `append` adds rows. `replace` puts them in the place of all that was there. `upsert` replaces those of the same key and adds
 * the rest; of several rows with one key the last one stays. `delete` removes those of the same key: the batches carry the
 * columns of the key, and what else they carry does not matter. A key that is not there is no error.
 */
export type WriteMode = 'append' | 'replace' | 'upsert' | 'delete';

export interface WriteOptions {
  readonly mode: WriteMode;
  /** Columns that name a row, for `upsert` and `delete`. */
  readonly key?: readonly string[];
  /** Committed together with the rows, or not at all. What has been committed is found by `committedCheckpoint`. */
  readonly checkpoint?: Checkpoint;
  /** Ends the write: it rejects with `signal.reason`, nothing of it is seen, and nothing of it keeps running on the server. */
  readonly signal?: AbortSignal;
}

export interface WriteReport {
  /** Rows that were taken from the batches. */
  readonly rows: number;
  /** How many of them were refused and put aside, where a destination is told to do so. */
  readonly rejected?: number;
}

/** A place that records are written to. Constructing one connects to nothing; disposing of it ends what it opened. */
export interface Destination extends AsyncDisposable {
  /** As that of a source, for what a write needs. */
  testConnection(signal?: AbortSignal): Promise<ConnectionReport>;

  /**
   * Writes all batches, or nothing: what others see is the state before or the state after. Batches are taken one at a time,
   * no faster than they are written.
   *
   * @throws ConnectorError with `effect: 'unknown'` if the link broke before it was known whether the write took place; an
   * `upsert` or `replace` may then be made again, and an `append` only if `committedCheckpoint` does not show its checkpoint.
   * @throws what the batches throw. Nothing is written then.
   */
  write(
    stream: StreamName,
    batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
    options: WriteOptions,
  ): Promise<WriteReport>;

  /** The checkpoint of the last write to this stream that had one. */
  committedCheckpoint(stream: StreamName, signal?: AbortSignal): Promise<Checkpoint | undefined>;
}
