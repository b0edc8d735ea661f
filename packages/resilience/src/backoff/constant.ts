import { assertSleepable } from '../clock.js';
import type { Backoff } from './backoff.js';
import { jittered, type JitterOptions } from './jitter.js';

export interface ConstantBackoffOptions extends JitterOptions {
  /** Milliseconds between attempts before jitter, from 0 to `longestSleepMs`. */
  readonly delayMs: number;
}

/** @throws RangeError if the delay is out of range. */
export function constantBackoff(options: ConstantBackoffOptions): Backoff {
  const { delayMs } = options;
  assertSleepable(delayMs);
  return jittered(() => delayMs, options);
}
