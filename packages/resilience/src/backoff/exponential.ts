import { longestSleepMs } from '../clock.js';
import type { Backoff } from './backoff.js';
import { jittered, type JitterOptions } from './jitter.js';

export interface ExponentialBackoffOptions extends JitterOptions {
  /** Milliseconds after the first failed attempt, before jitter: more than 0, at most `maxMs`. */
  readonly initialMs: number;
  /** The cap in milliseconds, at most `longestSleepMs`. Jitter is applied after it. */
  readonly maxMs: number;
  /** What each delay is multiplied by to give the next, from 1. @defaultValue 2 */
  readonly factor?: number;
}

/** @throws RangeError if an option is out of range or they contradict each other. */
export function exponentialBackoff(options: ExponentialBackoffOptions): Backoff {
  const { initialMs, maxMs, factor = 2 } = options;
  if (!(maxMs > 0 && maxMs <= longestSleepMs)) {
    throw new RangeError(
      `maxMs is ${String(maxMs)}; it must be more than 0 and at most ${String(longestSleepMs)}`,
    );
  }
  if (!(initialMs > 0 && initialMs <= maxMs)) {
    const range = `more than 0 and at most maxMs, which is ${String(maxMs)}`;
    throw new RangeError(`initialMs is ${String(initialMs)}; it must be ${range}`);
  }
  if (!(factor >= 1 && factor < Infinity)) {
    throw new RangeError(`factor is ${String(factor)}; it must be a number from 1`);
  }
  return jittered((failedAttempt) => Math.min(initialMs * factor ** (failedAttempt - 1), maxMs), options);
}
