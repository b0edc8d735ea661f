/** A number in [0, 1) for each position. It keeps no state: the order of asking changes nothing. */
export type RandomAt = (position: number) => number;

const two32 = 2 ** 32;

/**
 * Randomness of its own for each key (seed, connection, direction, toxic), so that what happens elsewhere cannot change it.
 *
 * @param key - Whole numbers from 0 to `Number.MAX_SAFE_INTEGER`, as are the positions.
 */
export function randomAt(...key: readonly number[]): RandomAt {
  const start = key.reduce(mixIn, 0x9e3779b9);
  return (position) => (mixIn(start, position) >>> 0) / two32;
}

function mixIn(state: number, whole: number): number {
  return mix(mix(state ^ Math.floor(whole / two32)) ^ (whole % two32));
}

/** The finalizer of MurmurHash3, after an odd step so that 0 does not stay 0. */
function mix(word: number): number {
  let mixed = (word + 0x6d2b79f5) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
