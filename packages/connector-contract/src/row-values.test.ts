import {
  Binary,
  Bool,
  Decimal,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Int32,
  Int64,
  IntervalDayTime,
  IntervalMonthDayNano,
  IntervalYearMonth,
  List,
  makeData,
  Null,
  Struct,
  TimeMicrosecond,
  TimeMillisecond,
  TimestampMicrosecond,
  TimestampNanosecond,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import fc from 'fast-check';
import { batchOf, type Column } from '../test/batch-of.js';
import { ConnectorError } from './connector-error.js';
import { timestampText } from './calendar-text.js';
import type { RowOptions } from './row-options.js';
import { rows, rowsOf } from './rows.js';

function valuesOf(column: Column, options?: RowOptions): unknown[] {
  return [...rowsOf(batchOf(column), options)].map((row) => row['x']);
}

function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof ConnectorError) return `${error.code}: ${error.message}`;
  }
  return 'none';
}

function texts(values: readonly string[], metadata = {}): Column {
  const ends = values.map((_, index) => Buffer.byteLength(values.slice(0, index + 1).join('')));
  const data = new TextEncoder().encode(values.join(''));
  return {
    type: new Utf8(),
    length: values.length,
    data,
    valueOffsets: Int32Array.of(0, ...ends),
    metadata,
  };
}

const json = { 'ARROW:extension:name': 'arrow.json' };
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

test('integers without sign have none', () => {
  expect(valuesOf({ type: new Uint32(), length: 1, data: new Uint32Array([2 ** 32 - 1]) })).toEqual([
    2 ** 32 - 1,
  ]);
  const data = new BigUint64Array([2n ** 64n - 1n, 1n]);
  expect(valuesOf({ type: new Uint64(), length: 2, data })).toEqual([2n ** 64n - 1n, 1n]);
  expect(valuesOf({ type: new Uint64(), length: 2, data }, { int64: 'text' })).toEqual([
    '18446744073709551615',
    '1',
  ]);
});

test('an int64 as text has every digit', () => {
  fc.assert(
    fc.property(fc.array(int64, { minLength: 1 }), (values) => {
      const data = BigInt64Array.from(values);
      const column = { type: new Int64(), length: values.length, data };
      expect(valuesOf(column, { int64: 'text' })).toEqual(values.map(String));
    }),
  );
});

test('an int64 as a number is one, up to 2^53, and beyond that is refused', () => {
  const column = (value: bigint) => ({ type: new Int64(), length: 1, data: new BigInt64Array([value]) });
  const most = 2n ** 53n - 1n;
  for (const value of [0n, -1n, most, -most]) {
    expect(valuesOf(column(value), { int64: 'number' })).toEqual([Number(value)]);
  }
  for (const value of [most + 1n, -most - 1n, 2n ** 63n - 1n]) {
    expect(refusalOf(() => valuesOf(column(value), { int64: 'number' }))).toBe(
      `invalid-data: [invalid-data] column "x" holds an integer beyond 2^53; read it as int64: 'bigint' or 'text'`,
    );
  }
});

test('a decimal as a number is one if that has its digits, and else is refused', () => {
  const column = (value: bigint) => {
    const words = [0n, 32n, 64n, 96n].map((shift) => Number(BigInt.asUintN(32, value >> shift)));
    return { type: new Decimal(2, 38, 128), length: 1, data: new Uint32Array(words) };
  };
  expect(valuesOf(column(-1050n), { decimal: 'number' })).toEqual([-10.5]);
  expect(valuesOf(column(5n * 10n ** 30n), { decimal: 'number' })).toEqual([5e28]);
  expect(refusalOf(() => valuesOf(column(12_345_678_901_234_567_891n), { decimal: 'number' }))).toMatch(
    /invalid-data.*"x" holds a decimal with more digits.*decimal: 'text'/,
  );
});

test('a decimal is written alike by numbers and by bigints, around each power of ten and of two', () => {
  const powers = [
    ...Array.from({ length: 18 }, (_, n) => 10n ** BigInt(n)),
    ...[31n, 32n, 53n, 64n, 96n, 126n].map((n) => 2n ** n),
  ];
  const values = powers.flatMap((power) => [power - 1n, power, power + 1n, -power + 1n, -power, -power - 1n]);
  const words = values.flatMap((value) =>
    [0n, 32n, 64n, 96n].map((shift) => Number(BigInt.asUintN(32, value >> shift))),
  );
  for (const scale of [0, 1, 2, 3, 15, 16]) {
    const data = new Uint32Array(words);
    const found = valuesOf({ type: new Decimal(scale, 38, 128), length: values.length, data });
    expect(found).toEqual(
      values.map((value) => {
        const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
        const cut = digits.length - scale;
        const text = scale === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
        return value < 0n ? `-${text}` : text;
      }),
    );
  }
});

test('a decimal of 32 bits is one too', () => {
  const data = new Uint32Array([150, 2 ** 32 - 1]);
  expect(valuesOf({ type: new Decimal(2, 9, 32), length: 2, data })).toEqual(['1.50', '-0.01']);
});

test('JSON is parsed if asked for, where it is marked, and null is null', () => {
  const marked = texts(['{"a": [1, "b"]}', 'null', '"12345678901234567890"'], json);
  expect(valuesOf(marked)).toEqual(['{"a": [1, "b"]}', 'null', '"12345678901234567890"']);
  expect(valuesOf(marked, { json: 'parsed' })).toEqual([{ a: [1, 'b'] }, null, '12345678901234567890']);
  expect(valuesOf(texts(['{}']), { json: 'parsed' })).toEqual(['{}']);
});

test('JSON that cannot be parsed without loss is refused, and the message has nothing of it', () => {
  for (const text of ['{"secret": 12345678901234567890}', '{"secret": ']) {
    const refusal = refusalOf(() => valuesOf(texts([text], json), { json: 'parsed' }));
    expect(refusal).toMatch(/invalid-data.*"x" holds JSON that JavaScript cannot parse without loss/);
    expect(refusal).not.toContain('secret');
  }
});

test('bytes are text if asked for, a UUID stays what it is', () => {
  const bytes = { type: new Binary(), length: 2, data: new Uint8Array([0, 255, 1]), valueOffsets: [0, 2, 3] };
  expect(valuesOf(bytes, { bytes: 'base64' })).toEqual(['AP8=', 'AQ==']);
  const fixed = { type: new FixedSizeBinary(2), length: 1, data: new Uint8Array([0, 255]) };
  expect(valuesOf(fixed, { bytes: 'base64' })).toEqual(['AP8=']);
  const metadata = { 'ARROW:extension:name': 'arrow.uuid' };
  const uuid = { type: new FixedSizeBinary(16), length: 1, data: new Uint8Array(16), metadata };
  expect(valuesOf(uuid, { bytes: 'base64' })).toEqual(['00000000-0000-0000-0000-000000000000']);
});

test('texts come as they are, short or long, ASCII or not, wherever they lie', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constant('x'.repeat(3000)))),
      (values) => {
        const valid = values.map((value) => Buffer.from(value).toString());
        expect(valuesOf(texts(valid))).toEqual(valid);
      },
    ),
  );
});

test('a time of day has the digits of its unit, and the end of the day is told from its beginning', () => {
  const data = new BigInt64Array([0n, 36_000_000_001n, 86_399_999_999n, 86_400_000_000n]);
  expect(valuesOf({ type: new TimeMicrosecond(), length: 4, data })).toEqual([
    '00:00:00.000000',
    '10:00:00.000001',
    '23:59:59.999999',
    '24:00:00.000000',
  ]);
  expect(valuesOf({ type: new TimeMillisecond(), length: 1, data: new Int32Array([61_007]) })).toEqual([
    '00:01:01.007',
  ]);
});

test('a timestamp is written alike by numbers and by bigints, also before 1970 and around midnight', () => {
  const dayOf = 86_400_000_000n;
  const near = fc.tuple(fc.bigInt({ min: -100_000n, max: 100_000n }), fc.bigInt({ min: -1n, max: 1n }));
  const value = fc.oneof(
    int64,
    near.map(([day, extra]) => day * dayOf + extra),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const data = BigInt64Array.from(values);
      for (const [type, digits] of [
        [new TimestampMicrosecond(), 6],
        [new TimestampNanosecond(), 9],
      ] as const) {
        const found = valuesOf({ type, length: values.length, data });
        const isEnd = (value: bigint) => value === 2n ** 63n - 1n || value === -(2n ** 63n);
        const expected = values.map((value) => (isEnd(value) ? 'end' : timestampText(value, digits)));
        expect(found.map((text, index) => (isEnd(values[index] ?? 0n) ? 'end' : text))).toEqual(expected);
      }
    }),
  );
});

test('an interval is ISO 8601 text, and its ends are infinity', () => {
  const words = [14, -3, 1, 0, 0, 0, -1, -1, 2 ** 31 - 1, 2 ** 31 - 1, -1, 2 ** 31 - 1];
  const data = new Int32Array([...words, -(2 ** 31), -(2 ** 31), 0, -(2 ** 31)]);
  expect(valuesOf({ type: new IntervalMonthDayNano(), length: 4, data })).toEqual([
    'P1Y2M-3DT0.000000001S',
    'PT-0.000000001S',
    'infinity',
    '-infinity',
  ]);
  expect(valuesOf({ type: new IntervalYearMonth(), length: 1, data: new Int32Array([13]) })).toEqual([
    'P1Y1M',
  ]);
  expect(valuesOf({ type: new IntervalDayTime(), length: 1, data: new Int32Array([1, 1500]) })).toEqual([
    'P1DT1.5S',
  ]);
});

describe('what has values within', () => {
  const inner = [new Field('n', new Int64(), true), new Field('__proto__', new Bool(), true)];
  const point = new Struct(inner);
  const points = makeData({
    type: point,
    length: 3,
    nullCount: 1,
    nullBitmap: new Uint8Array([0b101]),
    children: [
      makeData({ type: new Int64(), length: 3, data: new BigInt64Array([1n, 2n, 3n]) }),
      makeData({
        type: new Bool(),
        length: 3,
        data: new Uint8Array([0b001]),
        nullCount: 1,
        nullBitmap: new Uint8Array([0b001]),
      }),
    ],
  } as Parameters<typeof makeData>[0]);
  const list = {
    type: new List(new Field('item', point, true)),
    length: 4,
    nullCount: 1,
    nullBitmap: new Uint8Array([0b1011]),
    valueOffsets: Int32Array.of(0, 2, 2, 2, 3),
    child: points,
  };

  test('a list is an array and a struct an object, with nulls at every depth', () => {
    const [first, ...rest] = valuesOf(list);
    expect(first).toEqual([
      Object.fromEntries([
        ['n', 1n],
        ['__proto__', true],
      ]),
      null,
    ]);
    expect(Object.keys((first as object[])[0] ?? {})).toEqual(['n', '__proto__']);
    expect(rest).toEqual([
      [],
      null,
      [
        Object.fromEntries([
          ['n', 3n],
          ['__proto__', null],
        ]),
      ],
    ]);
  });

  test('options reach within, and what is wrong there is told of the column', () => {
    expect(valuesOf(list, { int64: 'text' })[3]).toEqual([
      Object.fromEntries([
        ['n', '3'],
        ['__proto__', null],
      ]),
    ]);
    const type = new List(new Field('item', new Int64(), true));
    const child = makeData({ type: new Int64(), length: 1, data: new BigInt64Array([2n ** 60n]) });
    const large = { type, length: 1, valueOffsets: Int32Array.of(0, 1), child };
    expect(refusalOf(() => valuesOf(large, { int64: 'number' }))).toContain('column "x" holds an integer');
  });

  test('a slice has the values of the slice', () => {
    const batch = batchOf(list);
    expect([...rowsOf(batch.slice(1, 4))]).toEqual([...rowsOf(batch)].slice(1, 4));
  });

  test('a list of fixed length is an array', () => {
    const type = new FixedSizeList(2, new Field('item', new Int32(), true));
    const child = makeData({ type: new Int32(), length: 6, data: new Int32Array([1, 2, 3, 4, 5, 6]) });
    const pairs = { type, length: 3, nullCount: 1, nullBitmap: new Uint8Array([0b101]), child };
    expect(valuesOf(pairs)).toEqual([[1, 2], null, [5, 6]]);
    expect([...rowsOf(batchOf(pairs).slice(2, 3))]).toEqual([{ x: [5, 6] }]);
  });
});

test('a column of nothing is null', () => {
  expect(valuesOf({ type: new Null(), length: 2 })).toEqual([null, null]);
});

test('an option that does not exist, or a value that it has not, is refused when asked for', () => {
  const refusals = [{ int64: 'float' }, { dates: 'Date' }, { json: true }].map((options) =>
    refusalOf(() => rows([], options as RowOptions)),
  );
  expect(refusals).toEqual([
    `invalid-option: [invalid-option] int64 is "float"; it must be 'bigint' or 'text' or 'number'`,
    'invalid-option: [invalid-option] there is no option "dates"',
    `invalid-option: [invalid-option] json is true; it must be 'text' or 'parsed'`,
  ]);
  expect(refusalOf(() => rowsOf(batchOf(), { bytes: 'hex' } as unknown as RowOptions))).toContain('"hex"');
});
