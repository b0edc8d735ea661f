import { setImmediate } from 'node:timers/promises';
import { assertSleepable, type Clock } from '../clock.js';

interface Sleeper {
  readonly wakeMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  /** By time of waking, and in order of arrival where that is equal. */
  readonly #sleepers: Sleeper[] = [];
  readonly #slept: number[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  /** The waits that ended by themselves, in milliseconds, in the order in which they ended. Aborted ones are not among them. */
  get slept(): readonly number[] {
    return this.#slept;
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    assertSleepable(ms);
    signal?.throwIfAborted();
    if (ms > 0) await this.#sleepUntil(this.#nowMs + ms, signal);
    this.#slept.push(ms);
  }

  /**
   * Lets `ms` pass: wakes the sleepers in order, each at its own time, and lets all that follows from a waking happen
   * (short of real input and output) before the next. Those who begin to sleep meanwhile are woken too if their time comes.
   */
  async advance(ms: number): Promise<void> {
    assertSleepable(ms);
    const endMs = this.#nowMs + ms;
    await setImmediate();
    for (let next = this.#sleepers[0]; next !== undefined && next.wakeMs <= endMs; next = this.#sleepers[0]) {
      this.#nowMs = next.wakeMs;
      this.#sleepers.shift();
      next.wake();
      await setImmediate();
    }
    this.#nowMs = endMs;
  }

  /**
   * Passes all time that `work` waits for, at once, until it settles, and gives its result.
   * For work that waits on this clock alone: a deadline for something real would pass at once, too.
   */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { settled: false };
    const settle = (): void => {
      state.settled = true;
    };
    work.then(settle, settle);
    await setImmediate();
    while (!state.settled) {
      const next = this.#sleepers[0];
      if (next !== undefined) await this.advance(next.wakeMs - this.#nowMs);
      await setImmediate();
    }
    return work;
  }

  #sleepUntil(wakeMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { wakeMs, wake };
      const onAbort = (): void => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const later = this.#sleepers.findIndex((other) => other.wakeMs > wakeMs);
      this.#sleepers.splice(later === -1 ? this.#sleepers.length : later, 0, sleeper);
    });
  }
}
