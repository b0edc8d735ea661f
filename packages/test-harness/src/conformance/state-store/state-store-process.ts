import { inOwnProcess, type ProcessTaskResult } from '../own-process.js';
import type { Address } from '../source/source-fixture.js';
import type { StateStoreBench } from './state-store-bench.js';

/** What a process is asked to do with the store that it opens. */
export type StateStoreTask =
  /** Adds 1 to the number that is stored under a name, so many times. */
  | { readonly task: 'count'; readonly endpoint: Address; readonly name: string; readonly times: number }
  /** Tries what can be done with each endpoint, and tells on its output all that comes of it. */
  | { readonly task: 'tell'; readonly endpoints: readonly Address[] };

const entry = new URL(
  import.meta.url.endsWith('.ts') ? './state-store-process-main.ts' : './state-store-process-main.js',
  import.meta.url,
);

/** @throws NonConformance if the suite was not told how a process opens the store, or the process fails. */
export function inStateStoreProcess<T>(
  { module, signal }: StateStoreBench,
  body: (run: (task: StateStoreTask) => Promise<ProcessTaskResult>) => Promise<T>,
): Promise<T> {
  return inOwnProcess({ entry, module, signal }, body);
}
