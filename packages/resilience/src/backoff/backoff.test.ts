import fc from 'fast-check';
import { seededRandom } from '../testing/seeded-random.js';
import { constantBackoff } from './constant.js';
import { decorrelatedBackoff } from './decorrelated.js';
import { exponentialBackoff } from './exponential.js';

const attempts = [1, 2, 3, 4, 5, 6];

describe('exponentialBackoff', () => {
  test('doubles up to the cap', () => {
    const backoff = exponentialBackoff({ initialMs: 50, maxMs: 500, jitter: 'none' });
    expect(attempts.map(backoff)).toEqual([50, 100, 200, 400, 500, 500]);
  });

  test('takes another factor', () => {
    const backoff = exponentialBackoff({ initialMs: 10, maxMs: 1000, factor: 3, jitter: 'none' });
    expect(attempts.map(backoff)).toEqual([10, 30, 90, 270, 810, 1000]);
  });

  test('stays at the cap where the power overflows', () => {
    const backoff = exponentialBackoff({ initialMs: 1, maxMs: 9, jitter: 'none' });
    expect(backoff(5000)).toBe(9);
  });

  test('a seed pins the whole sequence, and it is spread out below the cap', () => {
    const delays = (): number[] =>
      Array.from({ length: 50 }, (_, index) => index + 1).map(
        exponentialBackoff({ initialMs: 100, maxMs: 100, random: seededRandom(7) }),
      );
    expect(delays()).toEqual(delays());
    expect(new Set(delays()).size).toBe(50);
    expect(Math.max(...delays())).toBeGreaterThan(90);
    expect(Math.min(...delays())).toBeLessThan(10);
  });

  test('jitter stays in its range for any options, and never exceeds the cap', () => {
    const cases = fc.record({
      initialMs: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
      capFactor: fc.double({ min: 1, max: 1000, noNaN: true }),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      failedAttempt: fc.integer({ min: 1, max: 10_000 }),
      draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    fc.assert(
      fc.property(cases, ({ initialMs, capFactor, factor, failedAttempt, draw }) => {
        const options = { initialMs, factor, maxMs: initialMs * capFactor, random: () => draw };
        const none = exponentialBackoff({ ...options, jitter: 'none' })(failedAttempt);
        const full = exponentialBackoff({ ...options, jitter: 'full' })(failedAttempt);
        const equal = exponentialBackoff({ ...options, jitter: 'equal' })(failedAttempt);
        expect(none).toBeLessThanOrEqual(options.maxMs);
        expect(none).toBeGreaterThanOrEqual(initialMs);
        expect(full).toBeGreaterThanOrEqual(0);
        expect(full).toBeLessThanOrEqual(none);
        expect(equal).toBeGreaterThanOrEqual(none / 2);
        expect(equal).toBeLessThanOrEqual(none);
      }),
    );
  });

  test.each([
    [{ initialMs: 0, maxMs: 10 }, 'initialMs is 0; it must be more than 0 and at most maxMs, which is 10'],
    [{ initialMs: 11, maxMs: 10 }, 'initialMs is 11; it must be more than 0 and at most maxMs, which is 10'],
    [{ initialMs: 1, maxMs: Infinity }, 'maxMs is Infinity; it must be more than 0 and at most 2147483647'],
    [{ initialMs: 1, maxMs: 10, factor: 0.5 }, 'factor is 0.5; it must be a number from 1'],
    [{ initialMs: 1, maxMs: 10, factor: NaN }, 'factor is NaN; it must be a number from 1'],
  ])('%j is refused', (options, message) => {
    expect(() => exponentialBackoff(options)).toThrow(new RangeError(message));
  });
});

describe('constantBackoff', () => {
  test('is the same for every attempt, or spread over its range', () => {
    expect(attempts.map(constantBackoff({ delayMs: 30, jitter: 'none' }))).toEqual([30, 30, 30, 30, 30, 30]);
    expect(constantBackoff({ delayMs: 30, jitter: 'equal', random: () => 0.5 })(1)).toBe(22.5);
    expect(constantBackoff({ delayMs: 30, random: () => 0.5 })(1)).toBe(15);
  });

  test('a delay that no timer can hold is refused', () => {
    expect(() => constantBackoff({ delayMs: -1 })).toThrow(RangeError);
  });
});

describe('decorrelatedBackoff', () => {
  test('is from initialMs to three times the last delay, and never above the cap, whatever is drawn', () => {
    const cases = fc.record({
      initialMs: fc.double({ min: 0.001, max: 1_000, noNaN: true }),
      capFactor: fc.double({ min: 1, max: 1_000, noNaN: true }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(cases, ({ initialMs, capFactor, seed }) => {
        const maxMs = initialMs * capFactor;
        const backoff = decorrelatedBackoff({ initialMs, maxMs, random: seededRandom(seed) });
        let previousMs = 0;
        for (let failed = 1; failed < 20; failed++) {
          const delayMs = backoff(failed, previousMs);
          expect(delayMs).toBeGreaterThanOrEqual(initialMs);
          expect(delayMs).toBeLessThanOrEqual(
            Math.min(maxMs, 3 * Math.max(initialMs, previousMs)) * (1 + 1e-12),
          );
          previousMs = delayMs;
        }
      }),
    );
  });

  test('a first delay above the cap is refused', () => {
    expect(() => decorrelatedBackoff({ initialMs: 11, maxMs: 10 })).toThrow(RangeError);
  });
});
