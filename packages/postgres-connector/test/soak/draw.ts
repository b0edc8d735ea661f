import { seededRandom } from '@sqlflow/resilience/testing';

/** Random choices that depend on the seed alone, and not on who else draws. */
export interface Draw {
  /** Both included. */
  integer(least: number, most: number): number;
  /** True once in so many. */
  oneIn(count: number): boolean;
  of<T>(choices: readonly [T, ...T[]]): T;
}

/** @param key - The seed of a schedule, and whose choices they are. */
export function drawFrom(...key: readonly number[]): Draw {
  const random = seededRandom(
    key.reduce((seed, part) => Math.imul(seed, 0x85ebca6b) ^ (part + 1), 0x9e3779b9),
  );
  const integer = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  return {
    integer,
    oneIn: (count) => integer(1, count) === 1,
    of: (choices) => choices[integer(0, choices.length - 1)] ?? choices[0],
  };
}
