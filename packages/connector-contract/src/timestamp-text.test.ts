import fc from 'fast-check';
import { timestampText } from './calendar-text.js';
import { timestampTexts } from './timestamp-text.js';

const reach = Number.MAX_SAFE_INTEGER;
/** Days that follow each other, and any others; also what has no text of the usual length, or none at all. */
const time = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1_700_000_000_000_000, max: 1_700_300_000_000_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: -reach, max: reach }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

test.each([
  [0, ''],
  [3, 'Z'],
  [6, 'Z'],
  [9, ''],
])('times with %d digits are written as one by one, in whatever order they are asked for', (digits, zone) => {
  const times = fc.array(time, { minLength: 1, maxLength: 320, size: 'max' });
  fc.assert(
    fc.property(times, fc.array(fc.nat({ max: 319 }), { maxLength: 20 }), (given, places) => {
      const texts = timestampTexts(given.length, (index) => given[index], digits, zone);
      const asked = [...given.keys(), ...places.filter((place) => place < given.length)];
      const expected = asked.map((index) => {
        const value = given[index];
        const text = value === undefined ? '' : timestampText(BigInt(value), digits) + zone;
        return /^\d{4}-/.test(text) ? text : undefined;
      });
      expect(asked.map(texts)).toEqual(expected);
    }),
    // A failure of so many times would be made smaller for minutes.
    { numRuns: 50, interruptAfterTimeLimit: 5_000 },
  );
});
