import type { Checkpoint } from './checkpoint.js';
import type { IncrementalBatch } from './incremental-source.js';
import type { ReadOptions, Source } from './source.js';
import type { StreamName } from './stream-info.js';

export interface ResumableOptions extends ReadOptions {
  /** Columns that tell rows apart and give their order. @defaultValue the primary key, else a unique one */
  readonly key?: readonly string[];
  /** Where to go on: what came with the last batch that was taken, of a read with these columns and filter. @defaultValue from the beginning */
  readonly checkpoint?: Checkpoint;
}

/** A source whose full reads can be gone on with after they were ended, however they were. */
export interface ResumableSource extends Source {
  /**
   * Reads all of a stream in the order of its key, and can be gone on with after any batch. No batch is empty. Of a row that
   * is there under one key from the first read to the last, all of them together give exactly one version: that of the
   * snapshot of the read in which it comes. What was inserted, deleted or given another key meanwhile comes or not, depending on
   * which side of the checkpoint its key is; a row whose key moved past the checkpoint may come twice or not at all.
   *
   * A transient failure is retried from the last batch that was handed over.
   *
   * @throws ConnectorError as {@link Source.read} does; `invalid-option` for a checkpoint that is none of this stream and key,
   * `unsupported` if there is no key.
   */
  readResumable(stream: StreamName, options?: ResumableOptions): AsyncIterable<IncrementalBatch>;
}
