import { type Random, systemRandom } from '../random.js';
import type { Backoff } from './backoff.js';

/**
 * How the delays of many callers are spread, each drawn evenly from a range:
 * `none` is the delay itself, `full` is from 0 up to it, `equal` from half of it up to it.
 */
export type Jitter = 'none' | 'full' | 'equal';

export interface JitterOptions {
  /** @defaultValue 'full', which spreads a crowd best */
  readonly jitter?: Jitter;
  /** @defaultValue systemRandom */
  readonly random?: Random;
}

/** Spreads the delays of `backoff`. It comes after the cap, so no delay exceeds it and not all that reach it are equal. */
export function jittered(
  backoff: Backoff,
  { jitter = 'full', random = systemRandom }: JitterOptions,
): Backoff {
  switch (jitter) {
    case 'none':
      return backoff;
    case 'full':
      return (failedAttempt) => backoff(failedAttempt) * random();
    case 'equal':
      return (failedAttempt) => (backoff(failedAttempt) * (1 + random())) / 2;
  }
}
