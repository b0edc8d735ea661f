/** Numbers that are the same for the same seed. */
export interface SeededRandom {
  /** At least 0, less than 1. */
  next(): number;
  /** From `least` to `most`, both included. */
  integer(least: number, most: number): number;
  of<T>(choices: readonly [T, ...T[]]): T;
}

/** Mulberry32: 32 bits of state, enough to spread faults, and not for secrets. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return { next, integer, of: (choices) => choices[integer(0, choices.length - 1)] ?? choices[0] };
}
