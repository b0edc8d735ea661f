import {
  type Checkpoint,
  type IncrementalOptions,
  type Row,
  rowsOf,
  type StreamName,
} from '@sqlflow/connector-contract';
import { methodOf, type SourceUnderTest } from './source-bench.js';

/** What an incremental read gave, and where it stood after each of its batches. */
export interface IncrementalRead {
  readonly rows: readonly Row[];
  /** As they came out of JSON, as they would from a store. */
  readonly checkpoints: readonly Checkpoint[];
  /** The rows of each batch. */
  readonly batches: readonly (readonly Row[])[];
  /** The last of the checkpoints, or the one that was begun with. */
  readonly checkpoint: Checkpoint | undefined;
}

export interface IncrementalReadOptions extends IncrementalOptions {
  /** Leaves the loop after so many batches. @defaultValue reads to the end */
  readonly batches?: number;
  /** Is told of each batch as soon as it is there, also of those before a failure. */
  readonly onBatch?: (rows: readonly Row[], checkpoint: Checkpoint) => void | Promise<void>;
}

export async function readIncrementally(
  source: SourceUnderTest,
  stream: StreamName,
  { batches: most = Infinity, onBatch, ...options }: IncrementalReadOptions,
): Promise<IncrementalRead> {
  const batches: Row[][] = [];
  const checkpoints: Checkpoint[] = [];
  for await (const { batch, checkpoint } of methodOf(source, 'readIncremental')(stream, options)) {
    const rows = [...rowsOf(batch)];
    const stored = afterStorage(checkpoint);
    batches.push(rows);
    checkpoints.push(stored);
    await onBatch?.(rows, stored);
    if (batches.length >= most) break;
  }
  const checkpoint = checkpoints.at(-1) ?? options.checkpoint;
  return { rows: batches.flat(), checkpoints, batches, checkpoint };
}

/** What a store gives back of a checkpoint. */
function afterStorage(checkpoint: Checkpoint): Checkpoint {
  return JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;
}

/** The options for going on from a checkpoint, if there is one. */
export function from(checkpoint: Checkpoint | undefined): Pick<IncrementalOptions, 'checkpoint'> {
  return checkpoint === undefined ? {} : { checkpoint };
}
