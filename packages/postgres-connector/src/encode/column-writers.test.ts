import {
  Bool,
  type Data,
  type DataType,
  DateMillisecond,
  Decimal,
  Dictionary,
  Field,
  FixedSizeBinary,
  Float64,
  Int16,
  Int32,
  Int64,
  IntervalMonthDayNano,
  IntervalYearMonth,
  LargeUtf8,
  List,
  makeData,
  TimeMillisecond,
  TimestampMicrosecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint32,
  Uint64,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { int32, int64, numeric, timestamp } from '../../test/wire-encoder.js';
import { columnWriter } from './column-writers.js';
import { Output } from './output.js';
import { RefusedValue } from './refused-value.js';
import { sqlTypeOf } from './sql-type-of.js';
import { oids, type TargetType } from './target-type.js';

const of = (type: keyof typeof oids): TargetType => ({ typeOid: oids[type], isEnum: false });

function fieldOf(data: Data, target: TargetType, row = 0): Buffer {
  const output = new Output(1);
  columnWriter(new Field('c', data.type), target)?.(data)(output, row);
  const bytes = Buffer.from(output.written());
  expect(bytes.readInt32BE()).toBe(bytes.length - 4);
  return bytes.subarray(4);
}

function dataOf(vector: Vector): Data {
  return vector.data[0] as Data;
}

const big = (type: DataType, value: bigint): Data =>
  makeData({ type, length: 1, nullCount: 0, data: BigInt64Array.of(value) } as never);

test('integers of every width go where they fit', () => {
  expect(fieldOf(big(new Int64(), -7n), of('int4'))).toEqual(int32(-7));
  expect(fieldOf(big(new Int64(), -(2n ** 63n)), of('int8'))).toEqual(int64(-(2n ** 63n)));
  expect(fieldOf(dataOf(vectorFromArray([-3], new Int16())), of('int8'))).toEqual(int64(-3n));
  expect(fieldOf(big(new Int64(), 2n ** 62n), of('numeric'))).toEqual(numeric(String(2n ** 62n)));
  expect(fieldOf(dataOf(vectorFromArray([2n ** 64n - 1n], new Uint64())), of('numeric'))).toEqual(
    numeric(String(2n ** 64n - 1n)),
  );
});

test.each<[string, Data, TargetType]>([
  ['2^31 in int4', big(new Int64(), 2n ** 31n), of('int4')],
  ['-2^31 - 1 in int4', big(new Int64(), -(2n ** 31n) - 1n), of('int4')],
  ['2^32 in int2', big(new Int64(), 2n ** 32n), of('int2')],
  ['2^15 in int2', dataOf(vectorFromArray([2 ** 15], new Int32())), of('int2')],
  ['2^63 in int8', dataOf(vectorFromArray([2n ** 63n], new Uint64())), of('int8')],
  ['a nanosecond', big(new TimestampNanosecond(), 1n), of('timestamp')],
  ['a time of a day in a date', big(new DateMillisecond(), 1n), of('date')],
  ['a second too far', big(new TimestampSecond(), 2n ** 62n), of('timestamp')],
  ['more than a day', dataOf(vectorFromArray([86_400_001], new TimeMillisecond())), of('time')],
])('%s is refused', (_, data, target) => {
  expect(() => fieldOf(data, target)).toThrow(RefusedValue);
});

test('identifiers of the server have no sign', () => {
  for (const type of ['oid', 'xid', 'cid'] as const) {
    expect(fieldOf(dataOf(vectorFromArray([7, 2 ** 32 - 1], new Uint32())), of(type), 1)).toEqual(int32(-1));
  }
  expect(fieldOf(dataOf(vectorFromArray([2n ** 64n - 1n], new Uint64())), of('xid8'))).toEqual(int64(-1n));
});

test('times of every unit are microseconds, and the ends are infinite', () => {
  expect(fieldOf(big(new TimestampSecond(), -2n), of('timestamp'))).toEqual(timestamp(-2_000_000n));
  expect(fieldOf(big(new TimestampNanosecond('UTC'), 5000n), of('timestamptz'))).toEqual(timestamp(5n));
  expect(fieldOf(big(new TimestampNanosecond(), 2n ** 63n - 1n), of('timestamp'))).toEqual(
    int64(2n ** 63n - 1n),
  );
  expect(fieldOf(big(new TimestampMicrosecond(), -(2n ** 63n)), of('timestamp'))).toEqual(
    int64(-(2n ** 63n)),
  );
  expect(fieldOf(big(new DateMillisecond(), -86_400_000n), of('date'))).toEqual(int32(-1 - 10_957));
  expect(fieldOf(dataOf(vectorFromArray([1], new TimeMillisecond())), of('time'))).toEqual(int64(1000n));
});

test('intervals keep months, days and time apart', () => {
  const parts = new Int32Array(4);
  parts.set([14, -3]);
  new BigInt64Array(parts.buffer)[1] = 5_000_000n;
  const nano = makeData({
    type: new IntervalMonthDayNano(),
    length: 1,
    nullCount: 0,
    data: parts,
  } as never) as Data;
  expect(fieldOf(nano, of('interval'))).toEqual(Buffer.concat([int64(5000n), int32(-3), int32(14)]));
  const months = makeData({
    type: new IntervalYearMonth(),
    length: 1,
    nullCount: 0,
    data: Int32Array.of(14),
  } as never) as Data;
  expect(fieldOf(months, of('interval'))).toEqual(Buffer.concat([int64(0n), int32(0), int32(14)]));
});

test('decimals of 128 and 256 bits, floats and texts are exact as numeric', () => {
  const words = (value: bigint, count: number): Uint32Array =>
    Uint32Array.from({ length: count }, (_, word) => Number((value >> BigInt(32 * word)) & 0xffff_ffffn));
  const decimal = (value: bigint, scale: number, bits: 128 | 256): Data =>
    makeData({
      type: new Decimal(scale, 38, bits),
      length: 1,
      nullCount: 0,
      data: words(value, bits / 32),
    } as never);
  for (const value of [0n, -1n, 12_345n, -(10n ** 15n), 10n ** 37n, -(10n ** 37n)]) {
    for (const bits of [128, 256] as const) {
      const text = String(value < 0n ? -value : value).padStart(4, '0');
      const shown = `${value < 0n ? '-' : ''}${text.slice(0, -3)}.${text.slice(-3)}`;
      expect(fieldOf(decimal(value, 3, bits), of('numeric'))).toEqual(numeric(shown));
    }
  }
  expect(fieldOf(dataOf(vectorFromArray([0.1], new Float64())), of('numeric'))).toEqual(numeric('0.1'));
  expect(fieldOf(dataOf(vectorFromArray(['-1.50'], new Utf8())), of('numeric'))).toEqual(numeric('-1.50'));
});

test('texts with long offsets, of a dictionary, and as jsonb', () => {
  const text = (value: string): Buffer => Buffer.from(value);
  expect(fieldOf(dataOf(vectorFromArray(['a', 'äö'], new LargeUtf8())), of('text'), 1)).toEqual(text('äö'));
  const words = vectorFromArray(['b', 'a', 'b'], new Dictionary(new Utf8(), new Int32()));
  expect(fieldOf(dataOf(words), of('text'), 1)).toEqual(text('a'));
  expect(fieldOf(dataOf(words), { typeOid: 99_999, isEnum: true }, 2)).toEqual(text('b'));
  expect(fieldOf(dataOf(vectorFromArray(['{}'], new Utf8())), of('jsonb'))).toEqual(text('\u0001{}'));
});

test('lists become arrays of what their elements become', () => {
  const lists = vectorFromArray([[1], [2, null], []], new List(new Field('item', new Int32())));
  const array: TargetType = { typeOid: 1016, isEnum: false, element: of('int8') };
  expect(fieldOf(dataOf(lists), array, 1)).toEqual(
    Buffer.concat([...[1, 1, oids.int8, 2, 1, 8].map(int32), int64(2n), int32(-1)]),
  );
  expect(fieldOf(dataOf(lists), array, 2)).toEqual(Buffer.concat([0, 0, oids.int8].map(int32)));
});

test.each<[DataType, TargetType]>([
  [new Utf8(), of('int8')],
  [new Utf8(), of('timestamp')],
  [new Int64(), of('text')],
  [new Float64(), of('int4')],
  [new Int64(), of('float8')],
  [new Bool(), of('int2')],
  [new TimestampMicrosecond('UTC'), of('timestamp')],
  [new TimestampMicrosecond(), of('timestamptz')],
  [new FixedSizeBinary(15), of('uuid')],
  [new Int32(), of('oid')],
  [new Int64(), of('xid8')],
  [new Int32(), { typeOid: 1007, isEnum: false, element: of('int4') }],
])('%s is nothing for %p', (type, target) => {
  expect(columnWriter(new Field('c', type), target)).toBeUndefined();
});

test.each<[DataType, string | undefined]>([
  [new Int16(), 'smallint'],
  [new Uint64(), 'numeric(20)'],
  [new Decimal(2, 12, 128), 'numeric(12,2)'],
  [new Decimal(-2, 12, 128), 'numeric'],
  [new TimestampSecond('Europe/Berlin'), 'timestamptz'],
  [new List(new Field('item', new Decimal(1, 3, 128))), 'numeric(3,1)[]'],
  [new Dictionary(new Utf8(), new Int32()), 'text'],
])('a column for %s is created as %s', (type, sql) => {
  expect(sqlTypeOf(new Field('c', type))).toBe(sql);
});
