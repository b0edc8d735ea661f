import { type Random, systemRandom } from '../random.js';
import { assertInitialAndMax } from '../ranges.js';
import type { Backoff } from './backoff.js';

export interface DecorrelatedBackoffOptions {
  /** The least delay in milliseconds: more than 0, at most `maxMs`. */
  readonly initialMs: number;
  /** The greatest delay in milliseconds, at most `longestSleepMs`. */
  readonly maxMs: number;
  /** @defaultValue systemRandom */
  readonly random?: Random;
}

/**
 * Delays that each depend on the last: evenly from `initialMs` to three times the last one, and at most `maxMs`. Callers
 * drift apart faster than by full jitter, and none waits for less than `initialMs`.
 *
 * @throws RangeError if an option is out of range or they contradict each other.
 */
export function decorrelatedBackoff(options: DecorrelatedBackoffOptions): Backoff {
  const { initialMs, maxMs, random = systemRandom } = options;
  assertInitialAndMax(initialMs, maxMs);
  return (_failedAttempt, previousMs = 0) => {
    const upTo = Math.min(maxMs, 3 * Math.max(initialMs, previousMs));
    return initialMs + random() * (upTo - initialMs);
  };
}
