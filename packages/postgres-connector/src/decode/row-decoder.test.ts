import { type Row, rowsOf } from '@sqlflow/connector-contract';
import type { RecordBatch } from 'apache-arrow';
import fc from 'fast-check';
import * as wire from '../../test/wire-encoder.js';
import { createRowDecoder, type RowDecoderOptions } from './row-decoder.js';
import type { WireColumn } from './wire-column.js';

function decode(
  columns: readonly WireColumn[],
  options: RowDecoderOptions,
  ...chunks: readonly Uint8Array[]
): RecordBatch[] {
  const decoder = createRowDecoder(columns, options);
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
}

function rowsIn(batches: readonly RecordBatch[]): Row[] {
  return batches.flatMap((batch) => [...rowsOf(batch)]);
}

/** The chunks that a cut at each of the positions makes. */
function cutAt(bytes: Buffer, positions: readonly number[]): Buffer[] {
  const cuts = [0, ...positions.map((position) => position % (bytes.length + 1)).sort((a, b) => a - b)];
  return [...cuts, bytes.length].slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

interface Kind {
  readonly column: WireColumn;
  readonly encode: (value: never) => Buffer;
  readonly expected: (value: never) => unknown;
  readonly values: fc.Arbitrary<unknown>;
}

function kind<T>(
  column: WireColumn,
  values: fc.Arbitrary<T>,
  encode: (value: T) => Buffer,
  expected: (value: T) => unknown = (value) => value,
): Kind {
  return { column, values, encode, expected };
}

const digits = (most: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9]{0,${String(most)}}$`));

/** Numerics as the server prints them: no leading zero, no minus before nothing but zeros. */
const numericText = fc.tuple(fc.boolean(), digits(60), digits(60)).map(([isNegative, whole, fraction]) => {
  const magnitude = `${whole.replace(/^0+(?=.)/, '') || '0'}${fraction === '' ? '' : `.${fraction}`}`;
  return isNegative && /[1-9]/.test(magnitude) ? `-${magnitude}` : magnitude;
});

const scaledBy4 = fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n }).map((value) => {
  const text = String(value < 0n ? -value : value).padStart(5, '0');
  return `${value < 0n ? '-' : ''}${text.slice(0, -4)}.${text.slice(-4)}`;
});

const kinds: readonly Kind[] = [
  kind(wire.column('bool', 'bool'), fc.boolean(), (value) => Buffer.from([Number(value)])),
  kind(wire.column('int2', 'int2'), fc.integer({ min: -32_768, max: 32_767 }), wire.int16),
  kind(wire.column('int4', 'int4'), fc.integer(), wire.int32),
  kind(wire.column('int8', 'int8'), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), wire.int64),
  kind(wire.column('float4', 'float4'), fc.float(), wire.float4),
  kind(wire.column('float8', 'float8'), fc.double(), wire.float8),
  kind(wire.column('text', 'text'), fc.string({ unit: 'grapheme', maxLength: 200 }), (text) =>
    Buffer.from(text),
  ),
  kind(wire.column('json', 'json'), fc.json(), (text) => Buffer.from(text)),
  kind(wire.column('jsonb', 'jsonb'), fc.json(), wire.jsonb),
  kind(wire.column('bytea', 'bytea'), fc.uint8Array({ maxLength: 300 }), (bytes) => Buffer.from(bytes)),
  kind(
    wire.column('uuid', 'uuid'),
    fc.uuid(),
    (text) => Buffer.from(text.replaceAll('-', ''), 'hex'),
    (text) => text.toLowerCase(),
  ),
  kind(wire.column('date', 'date'), fc.integer({ min: -10_000_000, max: 10_000_000 }), wire.date, (day) =>
    new Date(day * 86_400_000).toISOString().replace(/T.*/, ''),
  ),
  kind(
    wire.column('timestamptz', 'timestamptz'),
    fc.date({ noInvalidDate: true }),
    (date) => wire.timestamp(BigInt(date.getTime()) * 1000n),
    (date) => date.toISOString().replace('Z', '000Z'),
  ),
  kind(
    wire.column('numeric', 'numeric'),
    fc.oneof(numericText, fc.constantFrom('NaN', 'Infinity', '-Infinity')),
    wire.numeric,
  ),
  kind(
    wire.column('decimal', 'numeric', { typeModifier: wire.numericModifier(20, 4) }),
    scaledBy4,
    wire.numeric,
    (text) => (/[1-9]/.test(text) ? text : text.replace('-', '')),
  ),
];

const columns = kinds.map(({ column }) => column);
const manyRows = fc.array(fc.tuple(...kinds.map(({ values }) => fc.option(values))), { maxLength: 40 });

function encoded(values: readonly unknown[]): (Buffer | null)[] {
  return kinds.map(({ encode }, index) => (values[index] === null ? null : encode(values[index] as never)));
}

function expectedRow(values: readonly unknown[]): Row {
  return Object.fromEntries(
    kinds.map(({ column, expected }, index) => [
      column.name,
      values[index] === null ? null : expected(values[index] as never),
    ]),
  );
}

describe('the row decoder', () => {
  test.each(['data-row', 'copy'] as const)(
    'gives the values that went in, whatever the split into chunks, from %s framing',
    (framing) => {
      fc.assert(
        fc.property(
          manyRows,
          fc.array(fc.nat()),
          fc.integer({ min: 1, max: 50 }),
          (values, cuts, batchRows) => {
            const bytes = (framing === 'copy' ? wire.copyOf : wire.dataRows)(values.map(encoded));
            const batches = decode(columns, { framing, batchRows }, ...cutAt(bytes, cuts));
            expect(rowsIn(batches)).toEqual(values.map(expectedRow));
            expect(batches.slice(0, -1).every((batch) => batch.numRows === batchRows)).toBe(true);
          },
        ),
        { numRuns: 150 },
      );
    },
  );

  test('every split of the input in two gives the same batches, and so does byte by byte', () => {
    const rows = [1, 2, 3].map((value) => [wire.int32(value), Buffer.from('x'.repeat(value)), null]);
    const three = [wire.column('a', 'int4'), wire.column('b', 'text'), wire.column('c', 'int8')];
    for (const framing of ['data-row', 'copy'] as const) {
      const bytes = framing === 'copy' ? wire.copyOf(rows) : wire.dataRows(rows);
      const expected = [1, 2, 3].map((value) => ({ a: value, b: 'x'.repeat(value), c: null }));
      for (let cut = 0; cut <= bytes.length; cut++) {
        expect(rowsIn(decode(three, { framing }, ...cutAt(bytes, [cut])))).toEqual(expected);
      }
      expect(rowsIn(decode(three, { framing }, ...cutAt(bytes, [...bytes.keys()])))).toEqual(expected);
    }
  });

  test('damaged bytes give an error or other values, never a hang, a crash or a read beyond the end', () => {
    const options = { framing: 'data-row' } as const;
    fc.assert(
      fc.property(
        manyRows,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1 }),
        (values, damages) => {
          const bytes = wire.dataRows(values.map(encoded));
          for (const [position, byte] of damages) bytes[position % bytes.length] = byte;
          // Nothing but the row bytes may be reachable: an exact copy, with no pool around it.
          const exact = new Uint8Array(bytes);
          try {
            decode(columns, options, exact);
          } catch (error) {
            expect(error).toMatchObject({ name: 'ConnectorError' });
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('more rows than a scan takes and than a column starts with are all there, and so are their nulls', () => {
    const values = Array.from({ length: 40_000 }, (_, index) => (index % 3 === 0 ? null : index));
    const rows = values.map((n) => (n === null ? [null, null] : [wire.int32(n), Buffer.from(String(n))]));
    const two = [wire.column('n', 'int4'), wire.column('t', 'text')];
    const batches = decode(two, { framing: 'data-row', batchRows: 50_000 }, wire.dataRows(rows));
    expect(batches.map((batch) => batch.numRows)).toEqual([40_000]);
    expect(rowsIn(batches)).toEqual(values.map((n) => ({ n, t: n === null ? null : String(n) })));
  });

  test('a batch is never written to again', () => {
    const bytes = wire.dataRows([[Buffer.from('first'), null]]);
    const two = [wire.column('a', 'text'), wire.column('b', 'int4')];
    const decoder = createRowDecoder(two, { framing: 'data-row', batchRows: 1 });
    const [first] = decoder.push(bytes);
    decoder.push(wire.dataRows([[Buffer.from('other'), wire.int32(7)]]));
    bytes.fill(0);
    expect([...rowsOf(first as RecordBatch)]).toEqual([{ a: 'first', b: null }]);
  });

  test('a batch ends before the row that would take it past its bytes, and a wider row is a batch of its own', () => {
    const text = (length: number): Buffer[] => [Buffer.from('x'.repeat(length))];
    const bytes = wire.dataRows([text(40), text(40), text(500), text(10), text(10)]);
    const batches = decode([wire.column('t', 'text')], { framing: 'data-row', batchBytes: 120 }, bytes);
    expect(batches.map((batch) => batch.numRows)).toEqual([2, 1, 2]);
  });

  test('numerics that are short on the wire and long as text count as what they become', () => {
    const million = `1${'0'.repeat(100_000)}`;
    const rows = Array.from({ length: 10 }, () => [wire.numeric(million)]);
    const options = { framing: 'data-row', batchBytes: 250_000 } as const;
    const batches = decode([wire.column('n', 'numeric')], options, wire.dataRows(rows));
    expect(batches.map((batch) => batch.numRows)).toEqual([2, 2, 2, 2, 2]);
    expect(rowsIn(batches)).toEqual(rows.map(() => ({ n: million })));
  });

  test('rows without columns are counted', () => {
    const batches = decode([], { framing: 'data-row', batchRows: 2 }, wire.dataRows([[], [], []]));
    expect(batches.map((batch) => batch.numRows)).toEqual([2, 1]);
  });

  test('1600 columns of nulls are 1600 columns of nulls', () => {
    const wide = Array.from({ length: 1600 }, (_, index) => wire.column(`c${String(index)}`, 'int8'));
    const rows = Array.from({ length: 30 }, () => wide.map(() => null));
    const [batch] = decode(wide, { framing: 'data-row' }, wire.dataRows(rows));
    expect(batch?.numRows).toBe(30);
    expect(batch?.data.children.every((child) => child.nullCount === 30)).toBe(true);
  });

  test('no rows are no batches, and still a schema', () => {
    const decoder = createRowDecoder(columns, { framing: 'copy' });
    expect([...decoder.push(wire.copyOf([])), ...decoder.end()]).toEqual([]);
    expect(decoder.schema.names).toEqual(columns.map(({ name }) => name));
  });

  test('a column without nulls has no null bitmap', () => {
    const [batch] = decode(
      [wire.column('n', 'int4')],
      { framing: 'data-row' },
      wire.dataRows([[wire.int32(1)]]),
    );
    expect(batch?.data.children[0]?.nullBitmap.length).toBe(0);
  });
});

describe('the row decoder refuses', () => {
  const int4 = [wire.column('n', 'int4')];
  const row = wire.dataRow([wire.int32(1)]);
  const violation = expect.objectContaining({ code: 'protocol-violation', kind: 'terminal' }) as unknown;

  test.each<[string, Buffer]>([
    ['a row cut short', row.subarray(0, -1)],
    ['a header cut short', row.subarray(0, 3)],
    ['a message of another type', Buffer.concat([row, Buffer.from('C\0\0\0\x04\0\0')])],
    ['a row of too few columns', wire.dataRow([])],
    ['a row of too many columns', wire.dataRow([wire.int32(1), null])],
    ['a field that is too short', wire.dataRow([wire.int16(1)])],
    ['a field that is too long', wire.dataRow([wire.int64(1n)])],
    ['a length below -1', Buffer.concat([Buffer.from('D'), wire.int32(10), wire.int16(1), wire.int32(-2)])],
    [
      'a field beyond its row',
      Buffer.concat([Buffer.from('D'), wire.int32(10), wire.int16(1), wire.int32(4), row]),
    ],
    [
      'bytes behind the last field',
      Buffer.concat([Buffer.from('D'), wire.int32(11), wire.int16(1), wire.int32(-1), Buffer.of(0)]),
    ],
    ['a row longer than any', Buffer.concat([Buffer.from('D'), wire.int32(0x7fff_ffff), row])],
    ['a row shorter than its count', Buffer.concat([Buffer.from('D'), wire.int32(4), row])],
  ])('%s', (_what, bytes) => {
    expect(() => decode(int4, { framing: 'data-row' }, bytes)).toThrow(violation as Error);
  });

  test.each<[string, Buffer]>([
    ['another signature', Buffer.concat([Buffer.from('PGCOPX'), wire.copyOf([]).subarray(6)])],
    ['a header that goes backwards', Buffer.concat([wire.copyHeader.subarray(0, 15), wire.int32(-1)])],
    ['a missing trailer', wire.copyOf([]).subarray(0, -2)],
    ['a missing header', Buffer.alloc(0)],
    ['bytes after the trailer', Buffer.concat([wire.copyOf([]), Buffer.of(1)])],
    ['a field longer than any', Buffer.concat([wire.copyHeader, wire.int16(1), wire.int32(0x7fff_ffff)])],
  ])('in a COPY, %s', (_what, bytes) => {
    expect(() => decode(int4, { framing: 'copy' }, bytes)).toThrow(violation as Error);
  });

  test('a COPY with flags that it does not know', () => {
    const bytes = wire.copyOf([]);
    bytes.writeInt32BE(1 << 16, 11);
    expect(() => decode(int4, { framing: 'copy' }, bytes)).toThrow(
      expect.objectContaining({ code: 'unsupported' }) as Error,
    );
  });

  test('a chunk after the trailer, at once', () => {
    const decoder = createRowDecoder(int4, { framing: 'copy' });
    decoder.push(wire.copyOf([]));
    expect(() => decoder.push(Buffer.of(0))).toThrow(violation as Error);
  });

  test('a COPY whose header goes backwards, though rows follow', () => {
    const bytes = Buffer.concat([wire.copyHeader.subarray(0, 15), wire.int32(-1), wire.copyTrailer]);
    expect(() => createRowDecoder(int4, { framing: 'copy' }).push(bytes)).toThrow('negative length');
  });

  test('a type that has no decoder', () => {
    expect(() => createRowDecoder([wire.column('x', 'int4', { typeOid: 600 })], { framing: 'copy' })).toThrow(
      violation as Error,
    );
  });
});
