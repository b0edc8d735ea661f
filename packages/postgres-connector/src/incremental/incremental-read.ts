import type { IncrementalBatch } from '@sqlflow/connector-contract';
import type { Policy } from '@sqlflow/resilience';
import { closed } from '../reads.js';
import type { IncrementalRead, IncrementalReport } from './incremental-options.js';
import type { IncrementalReader } from './incremental-reader.js';

type Batches = AsyncGenerator<IncrementalBatch, void, undefined>;

/** Reads when batches are asked for. It is made once: every iterator is the same. */
export class RunningIncrementalRead implements IncrementalRead {
  readonly #batches: Batches;
  #reader: IncrementalReader | undefined;

  /**
   * @param begin - What it throws, the first batch throws.
   * @param policy - Makes each step again that may succeed then: a batch that was handed over is not read again.
   */
  constructor(begin: () => IncrementalReader, policy: Policy, ending: () => AbortSignal) {
    this.#batches = this.#read(begin, policy, ending);
  }

  get report(): IncrementalReport | undefined {
    return this.#reader?.report;
  }

  [Symbol.asyncIterator](): Batches {
    return this.#batches;
  }

  async *#read(begin: () => IncrementalReader, policy: Policy, ending: () => AbortSignal): Batches {
    const reader = (this.#reader = begin());
    const signal = ending();
    const onAbort = (): void => void reader.end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        const next = await policy((attempt) => reader.next(attempt.signal), signal);
        if (next === undefined) return;
        signal.throwIfAborted();
        yield next;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      await reader.end(closed('the read was ended by its consumer'));
    }
  }
}
