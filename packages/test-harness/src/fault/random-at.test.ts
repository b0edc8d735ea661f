import { randomAt } from './random-at.js';

test('is the same number at the same position, in whatever order it is asked', () => {
  const random = randomAt(7, 1, 0, 2);
  const forwards = [0, 1, 2, 2 ** 40].map(random);
  expect([2 ** 40, 2, 1, 0].map(random).reverse()).toEqual(forwards);
  expect(forwards).toEqual([0, 1, 2, 2 ** 40].map(randomAt(7, 1, 0, 2)));
});

// A schedule that was printed by an earlier version must be replayed by this one.
test('is what it has always been', () => {
  expect([0, 1, 1_000_000].map(randomAt(7, 1, 0, 2)).map((number) => number.toFixed(6))).toEqual([
    '0.377618',
    '0.120362',
    '0.419250',
  ]);
});

test('each part of the key makes a difference, also beyond 32 bits', () => {
  const keys = [
    [1, 2, 3],
    [2, 1, 3],
    [3, 2, 1],
    [1, 2, 4],
    [1, 2],
    [1 + 2 ** 32, 2, 3],
    [0, 0, 0],
    [0, 0],
  ];
  expect(new Set(keys.map((key) => randomAt(...key)(5))).size).toBe(keys.length);
  expect(randomAt(1)(5)).not.toBe(randomAt(1)(5 + 2 ** 32));
});

test('is spread evenly over [0, 1), for neighbouring positions and neighbouring keys', () => {
  const spreads = [
    Array.from({ length: 10_000 }, (_, position) => randomAt(1, 1)(position)),
    Array.from({ length: 10_000 }, (_, key) => randomAt(key, 1)(0)),
  ];
  for (const numbers of spreads) {
    const tenths = new Array<number>(10).fill(0);
    for (const number of numbers) tenths[Math.floor(number * 10)]! += 1;
    expect(Math.min(...tenths)).toBeGreaterThan(880);
    expect(Math.max(...tenths)).toBeLessThan(1_120);
  }
});
