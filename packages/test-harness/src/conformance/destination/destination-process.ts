import { inOwnProcess, type ProcessTaskResult } from '../own-process.js';
import type { Address, StreamSpec } from '../source/source-fixture.js';
import type { DestinationBench } from './destination-bench.js';

/** What a process is asked to do with the destination that it opens. */
export type DestinationTask =
  /** Appends so many large batches to a stream. */
  | {
      readonly task: 'write';
      readonly endpoint: Address;
      readonly stream: StreamSpec;
      readonly batches: number;
    }
  /** Tries what can be done with each endpoint, and tells on its output all that comes of it. */
  | { readonly task: 'tell'; readonly endpoints: readonly Address[] };

const entry = new URL(
  import.meta.url.endsWith('.ts') ? './destination-process-main.ts' : './destination-process-main.js',
  import.meta.url,
);

/** @throws NonConformance if the suite was not told how a process opens the destination, or the process fails. */
export function inDestinationProcess<T>(
  { module, signal }: DestinationBench,
  body: (run: (task: DestinationTask) => Promise<ProcessTaskResult>) => Promise<T>,
): Promise<T> {
  return inOwnProcess({ entry, module, signal }, body);
}
