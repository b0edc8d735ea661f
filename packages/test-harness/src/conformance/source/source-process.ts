import { inOwnProcess, type ProcessTaskResult } from '../own-process.js';
import type { SourceBench } from './source-bench.js';
import type { Address } from './source-fixture.js';

/** What a process is asked to do with the source that it opens. */
export type SourceTask =
  | { readonly task: 'read'; readonly endpoint: Address; readonly stream: string }
  /** Tries what can be done with each endpoint, and tells on its output all that comes of it. */
  | { readonly task: 'tell'; readonly endpoints: readonly Address[] };

const entry = new URL(
  import.meta.url.endsWith('.ts') ? './source-process-main.ts' : './source-process-main.js',
  import.meta.url,
);

/** @throws NonConformance if the suite was not told how a process opens the source, or the process fails. */
export function inSourceProcess<T>(
  { module, signal }: SourceBench,
  body: (run: (task: SourceTask) => Promise<ProcessTaskResult>) => Promise<T>,
): Promise<T> {
  return inOwnProcess({ entry, module, signal }, body);
}
