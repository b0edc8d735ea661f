import { numeric } from '../../test/wire-encoder.js';
import { writeNumericText, writeScaled, writeSmallScaled } from './numeric.js';
import { Output } from './output.js';
import { RefusedValue } from './refused-value.js';

function bytesOf(write: (output: Output) => void): Buffer {
  const output = new Output(4);
  write(output);
  const bytes = Buffer.from(output.written());
  expect(bytes.readInt32BE()).toBe(bytes.length - 4);
  return bytes.subarray(4);
}

const texts = [
  ...[
    '0',
    '0.00',
    '0.0001',
    '-0.00012',
    '12.50',
    '1234',
    '12345',
    '-99999999.9999',
    '0.00010000',
    '100000000.5',
  ],
  ...[
    'NaN',
    'Infinity',
    '-Infinity',
    '9'.repeat(40),
    `0.${'0'.repeat(20)}1`,
    `${'1'.repeat(17)}.${'2'.repeat(17)}`,
  ],
];

test.each(texts)('%s has the bytes that the server has for it', (text) => {
  expect(bytesOf((output) => writeNumericText(output, text))).toEqual(numeric(text));
});

test.each([
  ['1e3', '1000'],
  ['1.5e-7', '0.00000015'],
  ['-1.2E+2', '-120'],
  ['.5', '0.5'],
  ['5.', '5'],
  [' +7 ', '7'],
  ['inf', 'Infinity'],
  ['000000000000000000012', '12'],
])('%s is the same as %s', (text, plain) => {
  expect(bytesOf((output) => writeNumericText(output, text))).toEqual(numeric(plain));
});

test.each([
  [12345n, 2, '123.45'],
  [-5n, 3, '-0.005'],
  [0n, 2, '0.00'],
  [7n, -3, '7000'],
  [10n ** 37n, 9, `1${'0'.repeat(28)}.${'0'.repeat(9)}`],
])('%s of scale %i is %s', (value, scale, text) => {
  expect(bytesOf((output) => writeScaled(output, value, scale))).toEqual(numeric(text));
});

test('a small value is taken apart without bigints into the same digits', () => {
  for (const value of [0, 1, -1, 9999, 10_001, -123_456_789, 2 ** 53 - 1, 1e15 + 1]) {
    for (let scale = 0; scale <= 12; scale++) {
      const small = bytesOf((output) => writeSmallScaled(output, value, scale));
      expect(small).toEqual(bytesOf((output) => writeScaled(output, BigInt(value), scale)));
    }
  }
});

test.each(['', '.', '-', '1,5', '0x10', '1e', 'twelve', '--1', '1.2.3'])('%j is no number', (text) => {
  expect(() => writeNumericText(new Output(64), text)).toThrow(RefusedValue);
});

test.each(['1e200000', '1e-20000'])('%s has more digits than there can be', (text) => {
  expect(() => writeNumericText(new Output(64), text)).toThrow(/more digits/);
});
