import type { IncrementalBatch } from '@sqlflow/connector-contract';
import type { IncrementalReport } from './incremental-options.js';

type Batches = AsyncGenerator<IncrementalBatch, void, undefined>;

/** The batches of one incremental read, which begins when they are asked for, and what can be said of it. */
export class IncrementalRead implements AsyncIterable<IncrementalBatch> {
  readonly #batches: Batches;
  #report: IncrementalReport | undefined;

  /** @param read - Tells what it can say whenever that changes. */
  constructor(read: (tell: (report: IncrementalReport) => void) => Batches) {
    this.#batches = read((report) => {
      this.#report = report;
    });
  }

  /** What is guaranteed of the rows that were given; `undefined` until the server has been asked. It stays after the end. */
  get report(): IncrementalReport | undefined {
    return this.#report;
  }

  /** A read is made once: every iterator is the same. */
  [Symbol.asyncIterator](): Batches {
    return this.#batches;
  }
}
