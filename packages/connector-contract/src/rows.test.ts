import {
  Binary,
  Bool,
  type Data,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  Field,
  FixedSizeBinary,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  TimestampSecond,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { batchOf, type Column } from '../test/batch-of.js';
import { type Row, rows, rowsOf } from './rows.js';

function valuesOf(column: Column): unknown[] {
  return [...rowsOf(batchOf(column))].map((row) => row['x']);
}

async function collected(source: Parameters<typeof rows>[0]): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows(source)) all.push(row);
  return all;
}

test('an int64 is a bigint, whatever its size', () => {
  const data = new BigInt64Array([2n ** 63n - 1n, -(2n ** 63n), 1n]);
  expect(valuesOf({ type: new Int64(), length: 3, data })).toEqual([2n ** 63n - 1n, -(2n ** 63n), 1n]);
});

test('a decimal is the exact text, with all digits of its scale', () => {
  const data = new Uint32Array([
    150, 0, 0, 0, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0, 0, 0, 0,
  ]);
  const type = new Decimal(2, 38, 128);
  expect(valuesOf({ type, length: 3, data })).toEqual(['1.50', '-0.01', '0.00']);
  expect(valuesOf({ type: new Decimal(0, 38, 128), length: 3, data })).toEqual(['150', '-1', '0']);
});

test('a decimal of any size keeps every digit', () => {
  const most = 10n ** 38n - 1n;
  fc.assert(
    fc.property(fc.bigInt({ min: -most, max: most }), fc.integer({ min: 0, max: 38 }), (value, scale) => {
      const words = [0n, 32n, 64n, 96n].map((shift) => Number(BigInt.asUintN(32, value >> shift)));
      const [text] = valuesOf({ type: new Decimal(scale, 38, 128), length: 1, data: new Uint32Array(words) });
      expect(BigInt(String(text).replace('.', ''))).toBe(value);
      expect(String(text).split('.')[1]?.length ?? 0).toBe(scale);
    }),
  );
});

test('a timestamp keeps its microseconds, and Z says that it has a time zone', () => {
  const data = new BigInt64Array([1_704_103_200_123_456n]);
  expect(valuesOf({ type: new TimestampMicrosecond('UTC'), length: 1, data })).toEqual([
    '2024-01-01T10:00:00.123456Z',
  ]);
  expect(valuesOf({ type: new TimestampMicrosecond(), length: 1, data })).toEqual([
    '2024-01-01T10:00:00.123456',
  ]);
  expect(valuesOf({ type: new TimestampSecond(), length: 1, data: new BigInt64Array([-1n]) })).toEqual([
    '1969-12-31T23:59:59',
  ]);
});

test('the ends of the integer that carries a time are infinity', () => {
  const times = new BigInt64Array([2n ** 63n - 1n, -(2n ** 63n)]);
  const days = new Int32Array([2 ** 31 - 1, -(2 ** 31)]);
  expect(valuesOf({ type: new TimestampMicrosecond('UTC'), length: 2, data: times })).toEqual([
    'infinity',
    '-infinity',
  ]);
  expect(valuesOf({ type: new DateDay(), length: 2, data: days })).toEqual(['infinity', '-infinity']);
});

test('a date is its day, from either unit', () => {
  expect(valuesOf({ type: new DateDay(), length: 2, data: new Int32Array([19_723, -1]) })).toEqual([
    '2024-01-01',
    '1969-12-31',
  ]);
  const ms = new BigInt64Array([1_704_067_200_000n]);
  expect(valuesOf({ type: new DateMillisecond(), length: 1, data: ms })).toEqual(['2024-01-01']);
});

test('a text keeps what it begins with, a mark of byte order too, also in a slice of a batch', () => {
  const texts = ['a', '\ufeffb', '', '\ufeff', '🚀'];
  const data = new TextEncoder().encode(texts.join(''));
  const ends = texts.map((_, index) => Buffer.byteLength(texts.slice(0, index + 1).join('')));
  const batch = batchOf({ type: new Utf8(), length: 5, data, valueOffsets: Int32Array.of(0, ...ends) });
  expect([...rowsOf(batch)].map(({ x }) => x)).toEqual(texts);
  expect([...rowsOf(batch.slice(1, 4))].map(({ x }) => x)).toEqual(texts.slice(1, 4));
});

test('sixteen bytes marked as uuid are its text, and bytes without the mark stay bytes', () => {
  const data = Uint8Array.from({ length: 16 }, (_, index) => index * 17);
  const metadata = { 'ARROW:extension:name': 'arrow.uuid' };
  const type = new FixedSizeBinary(16);
  expect(valuesOf({ type, length: 1, data, metadata })).toEqual(['00112233-4455-6677-8899-aabbccddeeff']);
  expect(valuesOf({ type, length: 1, data })).toEqual([data]);
});

test('null is null in every kind of column, and the values around it are untouched', () => {
  const nulls = { length: 3, nullCount: 1, nullBitmap: new Uint8Array([0b101]) };
  const [first, second, third] = rowsOf(
    batchOf(
      { name: 'int', type: new Int32(), data: new Int32Array([1, 2, 3]), ...nulls },
      { name: 'bool', type: new Bool(), data: new Uint8Array([0b001]), ...nulls },
      {
        name: 'text',
        type: new Utf8(),
        data: new TextEncoder().encode('aä'),
        valueOffsets: new Int32Array([0, 1, 1, 3]),
        ...nulls,
      },
      { name: 'time', type: new TimestampMicrosecond(), data: new BigInt64Array(3), ...nulls },
      { name: 'decimal', type: new Decimal(1, 10, 128), data: new Uint32Array(12), ...nulls },
    ),
  );
  expect(first).toEqual({
    int: 1,
    bool: true,
    text: 'a',
    time: '1970-01-01T00:00:00.000000',
    decimal: '0.0',
  });
  expect(second).toEqual({ int: null, bool: null, text: null, time: null, decimal: null });
  expect(third).toEqual({
    int: 3,
    bool: false,
    text: 'ä',
    time: '1970-01-01T00:00:00.000000',
    decimal: '0.0',
  });
});

test('NaN, the infinities and minus zero are numbers as they are; bytes are bytes', () => {
  const floats = new Float64Array([NaN, Infinity, -Infinity, -0]);
  expect(valuesOf({ type: new Float64(), length: 4, data: floats })).toEqual([NaN, Infinity, -Infinity, -0]);
  const bytes = new Uint8Array([0, 255, 1]);
  const valueOffsets = new Int32Array([0, 2, 3]);
  expect(valuesOf({ type: new Binary(), length: 2, data: bytes, valueOffsets })).toEqual([
    new Uint8Array([0, 255]),
    new Uint8Array([1]),
  ]);
});

test('a column named __proto__ is a column like any other', () => {
  const [row] = rowsOf(
    batchOf({ name: '__proto__', type: new Int32(), length: 1, data: new Int32Array([7]) }),
  );
  expect(Object.entries(row ?? {})).toEqual([['__proto__', 7]]);
  expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
});

test('a slice of a batch gives the rows of the slice', () => {
  const batch = batchOf(
    {
      name: 'a',
      type: new TimestampSecond(),
      length: 12,
      data: new BigInt64Array(12).map((_, i) => BigInt(i)),
    },
    {
      name: 'b',
      type: new DateDay(),
      length: 12,
      data: new Int32Array(12).map((_, i) => i),
      nullCount: 1,
      nullBitmap: new Uint8Array([0xff, 0b1101]),
    },
  );
  expect([...rowsOf(batch.slice(8, 11))]).toEqual([...rowsOf(batch)].slice(8, 11));
  expect([...rowsOf(batch.slice(8, 11))].map((row) => row['b'])).toEqual(['1970-01-09', null, '1970-01-11']);
});

test('a type that the table does not name gives what Arrow gives', () => {
  const vector = vectorFromArray(['x', 'y', 'x'], new Dictionary(new Utf8(), new Int32()));
  const data = vector.data[0] as unknown as Data;
  const fields = [new Field('d', vector.type)];
  const batch = new RecordBatch(
    new Schema(fields),
    makeData({ type: new Struct(fields), length: 3, nullCount: 0, children: [data] }),
  );
  expect([...rowsOf(batch)].map((row) => row['d'])).toEqual(['x', 'y', 'x']);
});

test('batches come from an iterable or an async iterable, and the next is taken when its rows are', async () => {
  const taken: number[] = [];
  async function* batches(): AsyncGenerator<RecordBatch> {
    for (let index = 0; index < 3; index++) {
      taken.push(index);
      yield batchOf({ type: new Int32(), length: 2, data: new Int32Array([2 * index, 2 * index + 1]) });
      await Promise.resolve();
    }
  }
  for await (const row of rows(batches())) if (row['x'] === 2) break;
  expect(taken).toEqual([0, 1]);
  const same = [batchOf({ type: new Int32(), length: 1, data: new Int32Array([5]) })];
  expect(await collected(same)).toEqual([{ x: 5 }]);
});
