import type { RecordBatch } from 'apache-arrow';
import type { Checkpoint } from './checkpoint.js';
import type { ReadOptions, Source } from './source.js';
import type { StreamName } from './stream-info.js';

/**
 * What becomes of rows whose cursor is NULL: given once before all others, given in full by every read, never given, or
 * refused with `invalid-data`.
 */
export type NullCursors = 'include-first' | 'always' | 'exclude' | 'error';

export interface IncrementalOptions extends ReadOptions {
  /** The column that rises as rows are added or changed. */
  readonly cursorField: string;
  /** Columns that tell rows of one cursor value apart. @defaultValue the primary key, else a unique one */
  readonly key?: readonly string[];
  /** Where to go on: what came with the last batch that was taken. @defaultValue from the beginning */
  readonly checkpoint?: Checkpoint;
  /** @defaultValue 'include-first' */
  readonly nullCursors?: NullCursors;
}

/** Some rows, and the place after them. */
export interface IncrementalBatch {
  readonly batch: RecordBatch;
  /** To go on after this batch. Also right if it is the last one that was taken. */
  readonly checkpoint: Checkpoint;
}

/** A source that can be asked for what is new. */
export interface IncrementalSource extends Source {
  /**
   * Reads what has come beyond the checkpoint, and ends when it has caught up with what is final by now. A row that
   * transactions still running may yet precede is not final and is left to a later read. Each version of a row is given once:
   * not lost and not repeated, whatever the batches are and wherever a read was ended. No batch is empty.
   * Rows that were deleted are not seen.
   *
   * @throws ConnectorError as {@link Source.read} does; `invalid-option` for a checkpoint that is none of this stream.
   */
  readIncremental(stream: StreamName, options: IncrementalOptions): AsyncIterable<IncrementalBatch>;
}
