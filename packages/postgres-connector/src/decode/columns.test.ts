import { rowsOf } from '@sqlflow/connector-contract';
import { Decimal, type RecordBatch, Utf8 } from 'apache-arrow';
import * as wire from '../../test/wire-encoder.js';
import { fieldOf } from './column-types.js';
import { createRowDecoder } from './row-decoder.js';
import { numericScale, type WireColumn } from './wire-column.js';

/** The values of one column, each written and read alone. */
function valuesOf(column: WireColumn, ...fields: readonly Buffer[]): unknown[] {
  const decoder = createRowDecoder([column], { framing: 'data-row' });
  const batches: RecordBatch[] = [
    ...decoder.push(wire.dataRows(fields.map((field) => [field]))),
    ...decoder.end(),
  ];
  return batches.flatMap((batch) => [...rowsOf(batch)].map((row) => row[column.name]));
}

function decimal(precision: number, scale: number): WireColumn {
  return wire.column('n', 'numeric', { typeModifier: wire.numericModifier(precision, scale) });
}

const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

test('the ends of the integers and the oddities of floats come through', () => {
  expect(valuesOf(wire.column('n', 'int8'), wire.int64(int64Max), wire.int64(int64Min))).toEqual([
    int64Max,
    int64Min,
  ]);
  const floats = [NaN, Infinity, -Infinity, -0, 5e-324];
  expect(valuesOf(wire.column('n', 'float8'), ...floats.map(wire.float8))).toEqual(floats);
});

describe('a timestamp', () => {
  const column = wire.column('t', 'timestamptz');

  test('is infinite at the ends of int64, and nowhere else', () => {
    const fields = [int64Max, int64Min, int64Min + 1n].map(wire.int64);
    expect(valuesOf(column, ...fields)).toEqual(['infinity', '-infinity', '-290278-12-22T19:59:05.224193Z']);
  });

  test('carries from the low half to the high one', () => {
    const around = [-1n, 0n, 1n].map((step) => 2n ** 32n * 300_000n + step);
    const expected = around.map((micros) => new Date(Number(micros / 1000n)).toISOString().slice(0, 19));
    const values = valuesOf(column, ...around.map(wire.timestamp));
    expect(values.map((value) => String(value).slice(0, 19))).toEqual(expected);
  });

  test('that 64-bit microseconds since 1970 cannot express is refused, not turned into another', () => {
    const last = int64Max - 1n;
    expect(valuesOf(column, wire.timestamp(last))).toEqual(['+294247-01-10T04:00:54.775806Z']);
    for (const tooLate of [last + 1n, last + 2n, 9_223_371_331_199_999_999n + 946_684_800_000_000n]) {
      expect(() => valuesOf(column, wire.timestamp(tooLate))).toThrow(
        expect.objectContaining({ code: 'invalid-data', kind: 'terminal' }) as Error,
      );
    }
  });
});

test('a date is infinite at the ends of int32, and the last date there is comes through', () => {
  const fields = [2_147_483_647, -2_147_483_648, 2_145_031_948].map(wire.int32);
  expect(valuesOf(wire.column('d', 'date'), ...fields)).toEqual(['infinity', '-infinity', '+5874897-12-31']);
});

describe('a decimal', () => {
  test.each([
    ['0', '0.00'],
    ['0.00', '0.00'],
    ['0.01', '0.01'],
    ['-0.01', '-0.01'],
    ['10000', '10000.00'],
    ['123456789012.34', '123456789012.34'],
    ['-99999999999999999999.99', '-99999999999999999999.99'],
    ['100000000000000000000', '100000000000000000000.00'],
  ])('of %s is %s', (given, expected) => {
    expect(valuesOf(decimal(23, 2), wire.numeric(given))).toEqual([expected]);
  });

  test('of 38 digits is exact, with any scale', () => {
    const most = '9'.repeat(38);
    expect(valuesOf(decimal(38, 0), wire.numeric(most), wire.numeric(`-${most}`))).toEqual([
      most,
      `-${most}`,
    ]);
    const small = `0.${'0'.repeat(37)}1`;
    expect(valuesOf(decimal(38, 38), wire.numeric(small), wire.numeric(`-${small}`))).toEqual([
      small,
      `-${small}`,
    ]);
  });

  test('at the border between plain numbers and BigInt is exact on both sides', () => {
    const around = [-1n, 0n, 1n].flatMap((step) => [2n ** 53n + step, -(2n ** 53n) + step]).map(String);
    expect(valuesOf(decimal(20, 0), ...around.map(wire.numeric))).toEqual(around);
    // Three base-10000 digits whose scaled value passes 2^53.
    expect(valuesOf(decimal(30, 10), wire.numeric('999999999999'))).toEqual(['999999999999.0000000000']);
  });

  test('that is NaN is refused by the name of its column, with the option that helps', () => {
    expect(() => valuesOf(decimal(12, 2), wire.numeric('NaN'))).toThrow(
      /^\[invalid-data\] column "n" .*numericAs: 'text'/,
    );
  });

  test.each([
    ['wider than declared', wire.numeric('1'.repeat(40))],
    ['with more decimals than declared', wire.numeric('0.001')],
    ['with more decimals than plain numbers have', wire.numeric('0.00000000000000000000000001')],
    ['with a sign that there is not', Buffer.from('00010000800000000001', 'hex')],
    ['with a digit above 9999', Buffer.from('00040000000000002710271027102710', 'hex')],
    ['with fewer digits than it says', Buffer.from('0002000000000000 0001'.replace(' ', ''), 'hex')],
    ['cut short', Buffer.from('0001', 'hex')],
  ])('%s is refused', (_what, field) => {
    expect(() => valuesOf(decimal(12, 2), field)).toThrow(
      expect.objectContaining({ code: 'protocol-violation' }) as Error,
    );
  });
});

test.each([
  ['0'],
  ['0.000'],
  ['-0.5'],
  ['1.10'],
  ['10000.0001'],
  ['0.00001'],
  ['123456789.123456789'],
  ['NaN'],
  ['Infinity'],
  ['-Infinity'],
  [`1${'0'.repeat(131_071)}`],
  ['9'.repeat(131_072)],
  [`0.${'0'.repeat(16_382)}1`],
])('an unconstrained numeric keeps the text that the server would print', (text) => {
  expect(valuesOf(wire.column('n', 'numeric'), wire.numeric(text))).toEqual([text]);
});

test.each([
  [12, 2, true],
  [38, 0, true],
  [38, 38, true],
  [39, 2, false],
  [1000, 0, false],
  [5, -2, false],
  [2, 5, false],
])('numeric(%d,%d) is a decimal: %p', (precision, scale, isDecimal) => {
  const column = decimal(precision, scale);
  expect(numericScale(column.typeModifier)).toEqual({ precision, scale });
  expect(fieldOf(column, 'decimal').type).toBeInstanceOf(isDecimal ? Decimal : Utf8);
  expect(fieldOf(column, 'text').type).toBeInstanceOf(Utf8);
});

test('a field says what its column is in PostgreSQL, and what it was read as', () => {
  const metadata = (column: WireColumn): unknown => Object.fromEntries(fieldOf(column, 'decimal').metadata);
  expect(metadata(wire.column('a', 'jsonb'))).toMatchObject({
    'postgres:type': 'jsonb',
    'ARROW:extension:name': 'arrow.json',
  });
  expect(metadata(wire.column('a', 'uuid'))).toMatchObject({ 'ARROW:extension:name': 'arrow.uuid' });
  expect(metadata(wire.column('a', 'text', { sqlType: 'interval', readAsText: true }))).toEqual({
    'postgres:type': 'interval',
    'postgres:read-as': 'text',
  });
  expect(metadata(wire.column('a', 'numeric'))).toMatchObject({ 'postgres:read-as': 'text' });
});

test.each([
  ['jsonb of another version', wire.column('j', 'jsonb'), Buffer.from('\x02{}')],
  ['jsonb of no version', wire.column('j', 'jsonb'), Buffer.alloc(0)],
  ['a uuid of fifteen bytes', wire.column('u', 'uuid'), Buffer.alloc(15)],
  [
    'a numeric with a digit above 9999',
    wire.column('n', 'numeric'),
    Buffer.from('00010000000000002710', 'hex'),
  ],
  ['a bool of two bytes', wire.column('b', 'bool'), Buffer.alloc(2)],
  ['a date past the last', wire.column('d', 'date'), wire.int32(2_147_483_646)],
])('%s is refused', (_what, column, field) => {
  expect(() => valuesOf(column, field)).toThrow(
    expect.objectContaining({ code: 'protocol-violation' }) as Error,
  );
});
