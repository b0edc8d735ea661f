import { setImmediate } from 'node:timers/promises';
import { assertSleepable, type Clock, type Timer } from '../clock.js';

interface Entry {
  readonly wakeMs: number;
  readonly order: number;
  readonly wake: () => void;
  isHeld: boolean;
  isOver: boolean;
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  /** A binary heap: by time of waking, and in order of arrival where that is equal. */
  readonly #entries: Entry[] = [];
  readonly #slept: number[] = [];
  #arrivals = 0;
  #held = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  /** The waits that ended by themselves, in milliseconds, in the order in which they ended. Aborted ones are not among them. */
  get slept(): readonly number[] {
    return this.#slept;
  }

  /** How many wait now: sleepers, and timers that are held. */
  get sleeping(): number {
    return this.#held;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    assertSleepable(ms);
    signal?.throwIfAborted();
    if (ms > 0) {
      await new Promise<void>((resolve, reject) => {
        const timer = this.schedule(ms, () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        const onAbort = (): void => {
          timer.cancel();
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    }
    this.#slept.push(ms);
  }

  schedule(ms: number, callback: () => void): Timer {
    assertSleepable(ms);
    const entry: Entry = {
      wakeMs: this.#nowMs + ms,
      order: this.#arrivals++,
      wake: callback,
      isHeld: true,
      isOver: false,
    };
    this.#held++;
    this.#push(entry);
    return {
      cancel: () => {
        this.#hold(entry, false);
        entry.isOver = true;
      },
      hold: (isHeld) => {
        this.#hold(entry, isHeld);
      },
    };
  }

  /**
   * Lets `ms` pass: wakes the sleepers in order, each at its own time, and lets all that follows from a waking happen
   * (short of real input and output) before the next. Those who begin to sleep meanwhile are woken too if their time comes.
   */
  async advance(ms: number): Promise<void> {
    assertSleepable(ms);
    const endMs = this.#nowMs + ms;
    await setImmediate();
    for (let next = this.#next(); next !== undefined && next.wakeMs <= endMs; next = this.#next()) {
      this.#nowMs = next.wakeMs;
      this.#pop();
      this.#hold(next, false);
      next.isOver = true;
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
      const next = this.#next();
      if (next !== undefined) await this.advance(next.wakeMs - this.#nowMs);
      await setImmediate();
    }
    return work;
  }

  /** The one that is woken next. Those that were cancelled are dropped here. */
  #next(): Entry | undefined {
    while (this.#entries[0]?.isOver === true) this.#pop();
    return this.#entries[0];
  }

  #hold(entry: Entry, isHeld: boolean): void {
    if (entry.isOver || entry.isHeld === isHeld) return;
    entry.isHeld = isHeld;
    this.#held += isHeld ? 1 : -1;
  }

  #push(entry: Entry): void {
    const entries = this.#entries;
    let index = entries.length;
    entries.push(entry);
    for (let parent = (index - 1) >> 1; index > 0; index = parent, parent = (index - 1) >> 1) {
      const above = entries[parent];
      if (above === undefined || isBefore(above, entry)) break;
      entries[parent] = entry;
      entries[index] = above;
    }
  }

  #pop(): void {
    const entries = this.#entries;
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return;
    let index = 0;
    for (;;) {
      const left = entries[2 * index + 1];
      const right = entries[2 * index + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const least = isRight ? right : left;
      if (isBefore(last, least)) break;
      entries[index] = least;
      index = 2 * index + (isRight ? 2 : 1);
    }
    entries[index] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.wakeMs < b.wakeMs || (a.wakeMs === b.wakeMs && a.order < b.order);
}
