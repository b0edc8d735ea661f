import fc from 'fast-check';
import { median, ms, summarize } from './statistics.js';

describe('the median', () => {
  test('is the middle of an odd number of values, in whatever order they come', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  test('is half way between the two in the middle of an even number', () => {
    expect(median([10, 1, 4, 2])).toBe(3);
  });

  test('sorts by size, not by spelling', () => {
    expect(median([100, 20, 3, 9, 5])).toBe(9);
  });

  test('has as many values below as above it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }), (values) => {
        const middle = median(values);
        const below = values.filter((value) => value < middle).length;
        const above = values.filter((value) => value > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  test('of nothing is refused', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('a summary', () => {
  test('holds median, fastest and slowest, to a hundredth', () => {
    expect(summarize([ms(3.14159), ms(1), ms(100)])).toEqual({
      unit: 'ms',
      median: 3.14,
      min: 1,
      max: 100,
    });
  });

  test('holds the largest memory, and the rows that all runs read', () => {
    const samples = [
      { ...ms(1), peakRssMb: 80, rows: 7 },
      { ...ms(1), peakRssMb: 90, rows: 7 },
    ];
    expect(summarize(samples)).toMatchObject({ peakRssMb: 90, rows: 7 });
  });

  test('refuses runs that did not read the same number of rows', () => {
    const samples = [
      { ...ms(1), rows: 7 },
      { ...ms(1), rows: 8 },
    ];
    expect(() => summarize(samples)).toThrow('7, 8');
  });
});
