// The real timers, also in a test that has replaced the global ones by fake timers.
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';

/** Time, handed in so that a test decides how it passes. */
export interface Clock {
  /** Monotonic milliseconds. Only the difference of two readings means anything. */
  nowMs(): number;
  /**
   * Calls `action` once after `ms`, unless cancelled. Keeps no process alive.
   *
   * @param ms - From 0 to `longestMs`.
   */
  schedule(ms: number, action: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** The longest wait that Node's timers can hold, in milliseconds: almost 25 days. */
export const longestMs = 2_147_483_647;

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  schedule(ms, action) {
    const timer = setTimeout(action, Math.ceil(ms)).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
