import fc from 'fast-check';
import { Output } from './output.js';
import { RefusedValue } from './refused-value.js';
import { writeText } from './text.js';

/** Mostly of one kind, so that there are texts of ASCII alone, and of any units, so that there are halves of pairs. */
const unit = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
  { weight: 1, arbitrary: fc.constantFrom(0xd83d, 0xde00) },
);
const text = fc.array(unit, { maxLength: 80, size: 'max' }).map((units) => String.fromCharCode(...units));

test('a text is written as UTF-8 after its length, and refused if it has half of a surrogate pair', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(undefined, 1), fc.nat({ max: 400 }), (given, prefix, capacity) => {
      const output = new Output(capacity);
      output.int16(7);
      const write = (): void => {
        writeText(output, given, prefix);
      };
      const utf8 = Buffer.from(given, 'utf8');
      // Half of a pair becomes another character.
      if (utf8.toString() !== given) {
        expect(write).toThrow(RefusedValue);
        return;
      }
      write();
      const bytes = [...(prefix === undefined ? [] : [prefix]), ...utf8];
      expect([...output.written()]).toEqual([0, 7, 0, 0, 0, bytes.length, ...bytes]);
    }),
    { numRuns: 500 },
  );
});

test.each([1, 24, 25, 1000])('half of a pair at the end of %d characters is refused', (length) => {
  const output = new Output(0);
  expect(() => {
    writeText(output, `${'a'.repeat(length - 1)}\ud83d`);
  }).toThrow('has half of a surrogate pair');
});
