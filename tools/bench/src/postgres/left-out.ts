import type { Contender } from '../frame/measure.js';

/** The contender that `make` makes, or none, which is said, where what it needs is not there. */
export function leftOutUnless<T>(
  needed: T | false | undefined,
  what: string,
  why: string,
  make: (needed: T) => Contender,
): readonly Contender[] {
  if (needed !== undefined && needed !== false) return [make(needed)];
  process.stderr.write(`left out: ${what}: ${why}\n`);
  return [];
}
