import fc from 'fast-check';
import { exactNumber } from './exact-number.js';

test('a decimal of up to 15 digits is a number, and that prints as the decimal', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }),
      fc.integer({ min: 0, max: 15 }),
      (digits, scale) => {
        const positive = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
        const cut = positive.length - scale;
        const text = `${digits < 0n ? '-' : ''}${positive.slice(0, cut)}${scale === 0 ? '' : `.${positive.slice(cut)}`}`;
        expect(exactNumber(text)).toBe(Number(text));
      },
    ),
  );
});

test('every finite number is found again from its own text', () => {
  fc.assert(
    fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (number) => {
      expect(exactNumber(String(number)) === number).toBe(true);
    }),
  );
});

test.each([
  ['9007199254740993'],
  ['0.10000000000000000001'],
  ['-12345678901234567890'],
  ['1e400'],
  ['1e-400'],
])('%s is no number of JavaScript', (text) => {
  expect(exactNumber(text)).toBeUndefined();
});

test.each([
  ['0.00', 0],
  ['-0', -0],
  ['1.50', 1.5],
  ['5000000000000000000000.00', 5e21],
  ['0.1', 0.1],
  ['1E+2', 100],
  ['0e9', 0],
])('%s is %d', (text, number) => {
  expect(exactNumber(text)).toBe(number);
});
