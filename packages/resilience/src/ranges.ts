import { longestSleepMs } from './clock.js';

// What every option is checked by: the message names the option, what was given and what may be.

/** @throws RangeError unless it is a whole number in the range, both ends of which may be taken. */
export function assertWhole(
  option: string,
  value: number,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${String(most)}`;
  throw new RangeError(
    `${option} is ${String(value)}; it must be a whole number from ${String(least)}${range}`,
  );
}

/** @throws RangeError unless it is more than 0 and at most `most`. */
export function assertPositive(option: string, value: number, most: number): void {
  if (value > 0 && value <= most) return;
  throw new RangeError(`${option} is ${String(value)}; it must be more than 0 and at most ${String(most)}`);
}

/** @throws RangeError unless a timer can hold it, and it is not 0. */
export function assertDuration(option: string, ms: number): void {
  assertPositive(option, ms, longestSleepMs);
}

/** @throws RangeError unless a backoff can begin with the one and end with the other. */
export function assertInitialAndMax(initialMs: number, maxMs: number): void {
  assertDuration('maxMs', maxMs);
  if (initialMs > 0 && initialMs <= maxMs) return;
  const range = `more than 0 and at most maxMs, which is ${String(maxMs)}`;
  throw new RangeError(`initialMs is ${String(initialMs)}; it must be ${range}`);
}
