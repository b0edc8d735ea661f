import fc from 'fast-check';
import { systemRandom } from './random.js';
import { seededRandom } from './testing/seeded-random.js';

test('random numbers are from 0 up to, not including, 1, whatever the seed', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      for (const random of [seededRandom(seed), systemRandom]) {
        const drawn = Array.from({ length: 20 }, random);
        expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
      }
    }),
  );
});

test('seeded numbers are even: the mean of many is one half', () => {
  const random = seededRandom(1);
  const drawn = Array.from({ length: 100_000 }, random);
  expect(drawn.reduce((sum, value) => sum + value, 0) / drawn.length).toBeCloseTo(0.5, 2);
});
