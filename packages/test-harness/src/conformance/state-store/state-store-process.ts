import { inOwnProcess, type ProcessTaskResult } from '../own-process.js';
import type { Address } from '../source/source-fixture.js';
import type { StateStoreBench } from './state-store-bench.js';

/** A process tries what can be done with each endpoint, and tells on its output all that comes of it. */
export interface StateStoreTask {
  readonly endpoints: readonly Address[];
}

const entry = new URL(
  import.meta.url.endsWith('.ts') ? './state-store-process-main.ts' : './state-store-process-main.js',
  import.meta.url,
);

/** @throws NonConformance if the suite was not told how a process opens the store, or the process fails. */
export function tellInProcess(
  { module, signal }: StateStoreBench,
  task: StateStoreTask,
): Promise<ProcessTaskResult> {
  return inOwnProcess({ entry, module, signal }, (run) => run(task));
}
