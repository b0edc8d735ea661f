import { randomAt } from '../fault/random-at.js';

/** Numbers one after the other, the same ones for the same key. */
export interface SeededRandom {
  /** At least 0, less than 1. */
  next(): number;
  /** From `least` to `most`, both included. */
  integer(least: number, most: number): number;
  of<T>(choices: readonly [T, ...T[]]): T;
}

/** @param key - Whole numbers from 0: a seed, and whose numbers they are if several draw from it. */
export function seededRandom(...key: readonly number[]): SeededRandom {
  const at = randomAt(...key);
  let position = 0;
  const next = (): number => at(position++);
  const integer = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return { next, integer, of: (choices) => choices[integer(0, choices.length - 1)] ?? choices[0] };
}
