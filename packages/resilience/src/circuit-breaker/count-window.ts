import type { Tally } from './trip-rule.js';

const failed = 1;
const wasSlow = 2;

/** The last calls, unless they are too old. Memory: nine bytes a call, from the beginning. */
export class CountWindow {
  readonly #maxAgeMs: number;
  /** A ring: the oldest is at `#start`. */
  readonly #times: Float64Array;
  readonly #outcomes: Uint8Array;
  #start = 0;
  readonly #tally = { calls: 0, failures: 0, slow: 0 };

  constructor(calls: number, maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
    this.#times = new Float64Array(calls);
    this.#outcomes = new Uint8Array(calls);
  }

  add(isFailure: boolean, isSlow: boolean, nowMs: number): Tally {
    const tally = this.#tally;
    const size = this.#times.length;
    const oldestMs = nowMs - this.#maxAgeMs;
    while (tally.calls === size || (tally.calls > 0 && (this.#times[this.#start] ?? 0) <= oldestMs))
      this.#drop();
    const index = (this.#start + tally.calls) % size;
    this.#times[index] = nowMs;
    this.#outcomes[index] = (isFailure ? failed : 0) | (isSlow ? wasSlow : 0);
    tally.calls++;
    if (isFailure) tally.failures++;
    if (isSlow) tally.slow++;
    return tally;
  }

  clear(): void {
    this.#start = 0;
    this.#tally.calls = this.#tally.failures = this.#tally.slow = 0;
  }

  #drop(): void {
    const outcome = this.#outcomes[this.#start] ?? 0;
    this.#start = (this.#start + 1) % this.#times.length;
    this.#tally.calls--;
    if ((outcome & failed) !== 0) this.#tally.failures--;
    if ((outcome & wasSlow) !== 0) this.#tally.slow--;
  }
}
