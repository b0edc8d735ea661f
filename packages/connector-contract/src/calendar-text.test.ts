import fc from 'fast-check';
import { dateText, dayOfMs, timestampText } from './calendar-text.js';

/** What JavaScript's own calendar reaches, in days on either side of 1970. */
const reachOfDate = 100_000_000;

test('a day is written as JavaScript writes it, for all the days that it knows', () => {
  fc.assert(
    fc.property(fc.integer({ min: -reachOfDate, max: reachOfDate }), (day) => {
      expect(dateText(day)).toBe(new Date(day * 86_400_000).toISOString().replace(/T.*/, ''));
    }),
  );
});

test('a time is written as JavaScript writes it, and the digits beyond the millisecond are kept', () => {
  const ms = fc.integer({ min: -reachOfDate * 86_400_000, max: reachOfDate * 86_400_000 });
  fc.assert(
    fc.property(ms, fc.integer({ min: 0, max: 999 }), (time, micros) => {
      const expected = new Date(time).toISOString().replace('Z', String(micros).padStart(3, '0'));
      expect(timestampText(BigInt(time) * 1000n + BigInt(micros), 6)).toBe(expected);
    }),
  );
});

test.each([
  [-719_529, '-000001-12-31'],
  [-719_528, '0000-01-01'],
  [11_016, '2000-02-29'],
  [2_932_896, '9999-12-31'],
  [2_932_897, '+010000-01-01'],
  [2_145_042_905, '+5874897-12-31'],
])('day %d is %s', (day, expected) => {
  expect(dateText(day)).toBe(expected);
});

test('the fraction has the digits of the unit', () => {
  expect(timestampText(-1n, 0)).toBe('1969-12-31T23:59:59');
  expect(timestampText(-1n, 3)).toBe('1969-12-31T23:59:59.999');
  expect(timestampText(-1n, 9)).toBe('1969-12-31T23:59:59.999999999');
});

test('the day of a time before 1970 is the one that it lies in', () => {
  expect([-86_400_001n, -86_400_000n, -1n, 0n, 86_399_999n].map(dayOfMs)).toEqual([-2, -1, -1, 0, 0]);
});
