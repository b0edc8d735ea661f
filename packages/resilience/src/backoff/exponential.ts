import { assertInitialAndMax } from '../ranges.js';
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
  assertInitialAndMax(initialMs, maxMs);
  if (!(factor >= 1 && factor < Infinity)) {
    throw new RangeError(`factor is ${String(factor)}; it must be a number from 1`);
  }
  return jittered((failedAttempt) => Math.min(initialMs * factor ** (failedAttempt - 1), maxMs), options);
}
