import { ConnectorError } from '@sqlflow/connector-contract';
import fc from 'fast-check';
import { exactRows } from '../../test/exact-values.js';
import * as wire from '../../test/wire-encoder.js';
import type { WirePart } from '../wire-type.js';
import { createRowDecoder, type RowDecoderOptions } from './row-decoder.js';
import { typeOids, type WireColumn } from './wire-column.js';

/** A type with parts, or one that is a part, and what values of it are on the wire and in Arrow. */
interface Shape {
  readonly part: WirePart;
  readonly values: fc.Arbitrary<Value>;
}

interface Value {
  readonly bytes: wire.FieldBytes;
  readonly exact: unknown;
}

const nothing: Value = { bytes: null, exact: null };
const rangeOid = 90_001;
const compositeOid = 90_002;
const arrayOid = 90_003;
const multirangeOid = 90_004;

function base<T>(
  name: keyof typeof typeOids,
  values: fc.Arbitrary<T>,
  encode: (value: T) => Buffer,
  exact: (value: T) => unknown = (value) => value,
  typeModifier = -1,
): Shape {
  const typeOid = typeOids[name];
  return {
    part: { typeOid, sqlType: name, type: { kind: 'base', typeOid, typeModifier } },
    values: values.map((value) => ({ bytes: encode(value), exact: exact(value) })),
  };
}

const bases: readonly Shape[] = [
  base('bool', fc.boolean(), (value) => Buffer.of(Number(value))),
  base('int2', fc.integer({ min: -32_768, max: 32_767 }), wire.int16),
  base('int4', fc.integer(), wire.int32),
  base('xid8', fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => wire.int64(BigInt.asIntN(64, value))),
  base('text', fc.string({ unit: 'grapheme' }), (text) => Buffer.from(text)),
  base('jsonb', fc.json(), wire.jsonb),
  base('numeric', fc.constantFrom('NaN', '-Infinity', '1.50', '0.0001', '-123456789'), wire.numeric),
  base(
    'numeric',
    fc.bigInt({ min: -(10n ** 12n) + 1n, max: 10n ** 12n - 1n }),
    (value) => wire.numeric(value === 0n ? '0' : `${String(value)}0`.replace(/0$/, '.00')),
    (value) => value * 100n,
    wire.numericModifier(14, 2),
  ),
  base(
    'uuid',
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    (bytes) => Buffer.from(bytes),
    (bytes) => Buffer.from(bytes).toString('hex'),
  ),
  base('timestamptz', fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }), wire.timestamp),
];

function arrayOf({ part, values }: Shape): Shape {
  return {
    part: { typeOid: arrayOid, sqlType: 'array', type: { kind: 'array', element: part } },
    values: listOf(values, (items) => wire.array(part.typeOid, items)),
  };
}

function multirangeOf(bound: Shape): Shape {
  const range = rangeOf(bound);
  return {
    part: { typeOid: multirangeOid, sqlType: 'multirange', type: { kind: 'multirange', range: range.part } },
    values: listOf(range.values, (items) => wire.multirange(items as Buffer[]), fc.constant([])),
  };
}

function listOf(
  values: fc.Arbitrary<Value>,
  encode: (items: readonly wire.FieldBytes[]) => Buffer,
  nulls: fc.Arbitrary<Value[]> = fc.array(fc.constant(nothing), { maxLength: 3 }),
): fc.Arbitrary<Value> {
  return fc.tuple(fc.array(values, { maxLength: 6 }), nulls).map(([some, none]) => {
    const items = [...some.slice(1), ...none, ...some.slice(0, 1)];
    return { bytes: encode(items.map(({ bytes }) => bytes)), exact: items.map(({ exact }) => exact) };
  });
}

function compositeOf(shapes: readonly Shape[]): Shape {
  const attributes = shapes.map(({ part }, index) => ({ ...part, name: `a${String(index)}` }));
  const oids = attributes.map(({ typeOid }) => typeOid);
  return {
    part: { typeOid: compositeOid, sqlType: 'composite', type: { kind: 'composite', attributes } },
    values: fc.tuple(...shapes.map(({ values }) => orNull(values))).map((values) => ({
      bytes: wire.composite(
        oids,
        values.map(({ bytes }) => bytes),
      ),
      exact: Object.fromEntries(values.map(({ exact }, index) => [`a${String(index)}`, exact])),
    })),
  };
}

function rangeOf({ part, values }: Shape): Shape {
  const bound = orNull(values);
  const full = fc
    .tuple(bound, bound, fc.boolean(), fc.boolean())
    .map(([lower, upper, lowerInclusive, upperInclusive]): Value => {
      const flags = { lowerInclusive, upperInclusive };
      return {
        bytes: wire.range({ lower: lower.bytes, upper: upper.bytes, ...flags }),
        exact: { lower: lower.exact, upper: upper.exact, ...flags, isEmpty: false },
      };
    });
  const noBounds = { lower: null, upper: null, lowerInclusive: false, upperInclusive: false };
  const empty: Value = { bytes: wire.emptyRange, exact: { ...noBounds, isEmpty: true } };
  return {
    part: { typeOid: rangeOid, sqlType: 'range', type: { kind: 'range', bound: part } },
    values: fc.oneof({ weight: 4, arbitrary: full }, { weight: 1, arbitrary: fc.constant(empty) }),
  };
}

function orNull(values: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.option(values).map((value) => value ?? nothing);
}

const { shape } = fc.letrec<{ shape: Shape; leaf: Shape }>((tie) => ({
  leaf: fc.constantFrom(...bases),
  shape: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    tie('leaf'),
    tie('shape').map(arrayOf),
    tie('shape').map(rangeOf),
    tie('shape').map(multirangeOf),
    fc.array(tie('shape'), { maxLength: 3 }).map(compositeOf),
  ),
}));

function columnOf({ typeOid, sqlType, type }: WirePart): WireColumn {
  const typeModifier = type.kind === 'base' ? type.typeModifier : -1;
  return { name: 'x', typeOid, typeModifier, type, nullable: true, sqlType, readAsText: false };
}

function decode(
  column: WireColumn,
  chunks: readonly Buffer[],
  options: Partial<RowDecoderOptions> = {},
): unknown[] {
  const decoder = createRowDecoder([column], { framing: 'data-row', ...options });
  const batches = [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
  return exactRows(batches).map(({ x }) => x);
}

/** Rows of one column of some type. */
const tables = shape.chain((of) => {
  return fc.array(orNull(of.values), { minLength: 1, maxLength: 8 }).map((rows) => ({
    column: columnOf(of.part),
    rows,
    bytes: wire.dataRows(rows.map(({ bytes }) => [bytes])),
  }));
});

test('values of any depth come out as they went in, in any batches and however the bytes are cut', () => {
  fc.assert(
    fc.property(tables, fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), (table, cuts, batchRows) => {
      const { column, rows, bytes } = table;
      const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      expect(decode(column, chunks, { batchRows })).toEqual(rows.map(({ exact }) => exact));
    }),
  );
});

test('a list of more items than are handed over at a time is whole, and so are nulls between', () => {
  const range = rangeOf(bases[2] as Shape);
  const bounded = wire.range({
    lower: wire.int32(7),
    upper: null,
    lowerInclusive: true,
    upperInclusive: false,
  });
  const items = Array.from({ length: 5000 }, (_, index) =>
    index % 1200 < 600 ? bounded : index % 7 === 0 ? null : wire.emptyRange,
  );
  const [read] = decode(columnOf(arrayOf(range).part), [wire.dataRow([wire.array(rangeOid, items)])]);
  const lowers = (read as ({ lower: number | null } | null)[]).map((item) => item && item.lower);
  expect(lowers).toEqual(items.map((item) => (item === bounded ? 7 : null)));
});

test('bytes that were damaged within a value are an error of the connector, never another one', () => {
  const byte = fc.constantFrom(0, 1, 4, 0x7f, 0x80, 0xff);
  const damage = fc.record({
    keptBytes: fc.oneof(fc.constant(Infinity), fc.nat({ max: 60 })),
    edits: fc.array(fc.record({ at: fc.nat({ max: 60 }), byte }), { maxLength: 3 }),
  });
  const codes = new Set<string>();
  fc.assert(
    fc.property(tables, damage, ({ column, rows }, { keptBytes, edits }) => {
      const fields = rows.map(({ bytes }) => bytes && Buffer.from(bytes.subarray(0, keptBytes)));
      for (const { at, byte } of edits) fields[0]?.subarray(at, at + 1).fill(byte);
      try {
        decode(column, [wire.dataRows(fields.map((field) => [field]))]);
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        codes.add(error.code);
      }
    }),
    { numRuns: 1000 },
  );
  codes.delete('invalid-data');
  expect([...codes]).toEqual(['protocol-violation']);
});

const int4s = columnOf(arrayOf(bases[2] as Shape).part);
const texts = columnOf(arrayOf(bases[4] as Shape).part);
const pair = columnOf(compositeOf([bases[2] as Shape, bases[4] as Shape]).part);
const int4range = columnOf(rangeOf(bases[2] as Shape).part);
const { int4, text } = typeOids;

test.each([
  ['an array of other elements', int4s, wire.array(text, [])],
  ['an array of seven dimensions', int4s, Buffer.concat([wire.int32(7), wire.array(int4, []).subarray(4)])],
  ['an array with fewer elements than it says', int4s, wire.array(int4, [wire.int32(1)]).subarray(0, 20)],
  ['an array with bytes after the last', int4s, Buffer.concat([wire.array(int4, []), Buffer.alloc(4)])],
  ['an array of no bytes', int4s, Buffer.alloc(0)],
  ['an element past the end', int4s, wire.array(int4, [wire.int32(1)]).fill(0x7f, 20, 21)],
  ['an element of a negative length', texts, wire.array(text, [null]).fill(0xfe, 23, 24)],
  ['a composite of too few attributes', pair, wire.composite([int4], [null])],
  ['a composite of another attribute', pair, wire.composite([text, text], [null, null])],
  ['a composite cut short', pair, wire.composite([int4, text], [null, null]).subarray(0, 15)],
  ['a range of no bytes', int4range, Buffer.alloc(0)],
  ['a range without the bound it says', int4range, Buffer.of(0x10)],
  ['an empty range with bounds', int4range, Buffer.of(1, 0, 0, 0, 0)],
])('%s is refused by the name of its column', (_what, column, field) => {
  expect(() => decode(column, [wire.dataRow([field])])).toThrow(/^\[protocol-violation\] .*column "x/);
});

test.each([
  ['more than one dimension', Buffer.concat([wire.int32(2), wire.array(int4, []).subarray(4)])],
  ['a first index other than 1', wire.array(int4, [wire.int32(1)], 0)],
])('an array with %s is no list, and the message says which option helps', (what, field) => {
  expect(() => decode(int4s, [wire.dataRow([field])])).toThrow(
    new RegExp(`^\\[invalid-data\\] column "x" holds an array with ${what}.*arraysAs: 'text'`),
  );
});

test('an error deep within a value says where, by the path from the column', () => {
  const element = base('numeric', fc.constant('1'), wire.numeric, undefined, wire.numericModifier(5, 2));
  const { part } = arrayOf(compositeOf([element]));
  const field = wire.array(compositeOid, [wire.composite([typeOids.numeric], [wire.numeric('NaN')])]);
  expect(() => decode(columnOf(part), [wire.dataRow([field])])).toThrow(/column "x\[\]\.a0" holds NaN/);
});

test.each([
  [
    'long numerics in arrays',
    columnOf(arrayOf(bases[6] as Shape).part),
    wire.array(typeOids.numeric, [wire.numeric(`1${'0'.repeat(9_999)}`)]),
  ],
  [
    'nulls of a wide composite in arrays',
    columnOf(arrayOf(compositeOf(Array.from({ length: 100 }, () => bases[2] as Shape))).part),
    wire.array(compositeOid, new Array<null>(12).fill(null)),
  ],
])('a batch ends early for %s, which are wider in Arrow than on the wire', (_what, column, field) => {
  const decoder = createRowDecoder([column], { framing: 'data-row', batchBytes: 15_000 });
  const batches = [
    ...decoder.push(wire.dataRows(new Array<wire.FieldBytes[]>(4).fill([field]))),
    ...decoder.end(),
  ];
  expect(batches.map(({ numRows }) => numRows)).toEqual([1, 1, 1, 1]);
});
