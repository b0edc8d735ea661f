import type { Tally } from './trip-rule.js';

interface Bucket {
  calls: number;
  failures: number;
  slow: number;
}

/**
 * The calls of the last while. It is cut into buckets, and a bucket is forgotten as a whole, when all that it may hold is
 * too old: so the window is between its length and one bucket less.
 */
export class TimeWindow {
  readonly #bucketMs: number;
  readonly #buckets: readonly Bucket[];
  readonly #total: Bucket = { calls: 0, failures: 0, slow: 0 };
  /** How many buckets there were since the clock began, up to the current one. */
  #current = -Infinity;

  constructor(windowMs: number, buckets: number) {
    this.#bucketMs = windowMs / buckets;
    this.#buckets = Array.from({ length: buckets }, () => ({ calls: 0, failures: 0, slow: 0 }));
  }

  add(isFailure: boolean, isSlow: boolean, nowMs: number): Tally {
    const total = this.#total;
    const bucket = this.#bucketOf(Math.floor(nowMs / this.#bucketMs));
    bucket.calls++;
    total.calls++;
    if (isFailure) {
      bucket.failures++;
      total.failures++;
    }
    if (isSlow) {
      bucket.slow++;
      total.slow++;
    }
    return total;
  }

  clear(): void {
    for (const bucket of this.#buckets) this.#empty(bucket);
  }

  /** Empties what has become too old since the last call, however long that was ago. */
  #bucketOf(index: number): Bucket {
    const { length } = this.#buckets;
    if (index > this.#current) {
      const passed = Math.min(index - this.#current, length);
      for (let step = 0; step < passed; step++) this.#empty(this.#at(index - step));
      this.#current = index;
    }
    return this.#at(index);
  }

  #at(index: number): Bucket {
    const { length } = this.#buckets;
    return this.#buckets[((index % length) + length) % length] as Bucket;
  }

  #empty(bucket: Bucket): void {
    this.#total.calls -= bucket.calls;
    this.#total.failures -= bucket.failures;
    this.#total.slow -= bucket.slow;
    bucket.calls = bucket.failures = bucket.slow = 0;
  }
}
