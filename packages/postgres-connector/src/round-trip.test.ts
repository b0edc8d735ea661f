import { type Row, rowsOf } from '@sqlflow/connector-contract';
import type { RecordBatch } from 'apache-arrow';
import fc from 'fast-check';
import { column, numericModifier } from '../test/wire-encoder.js';
import { createRowDecoder } from './decode/row-decoder.js';
import { columnWriter } from './encode/column-writers.js';
import { Output } from './encode/output.js';
import { batchEncoder, objectEncoder, writeCopyHeader, writeCopyTrailer } from './encode/row-encoder.js';
import type { RowEncoder } from './encode/row-encoder.js';
import { valueWriter } from './encode/value-writers.js';

// What is encoded is decoded by the reader, whose decoder is proved on bytes of a server.

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: 'grapheme', maxLength: 70 });
const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{0,${String(most)}}$`));

/** A number with two digits behind the point, as `rows()` gives it. */
const money = fc.bigInt({ min: -(10n ** 12n) + 1n, max: 10n ** 12n - 1n }).map((cents) => {
  const padded = String(cents < 0n ? -cents : cents).padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${padded.slice(0, -2)}.${padded.slice(-2)}`;
});
const anyNumeric = fc
  .tuple(fc.constantFrom('', '-'), digits(30), digits(30))
  .map(([sign, whole, fraction]) => {
    const number = `${whole.replace(/^0+/, '') || '0'}${fraction === '' ? '' : `.${fraction}`}`;
    return /[1-9]/.test(number) ? sign + number : number;
  });
const timestamp = fc
  .tuple(
    fc.date({ min: new Date('-004000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    fc.nat(999),
  )
  .map(([date, micros]) => `${date.toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}`);
const date = timestamp.map((time) => time.slice(0, time.indexOf('T')));
const uuid = fc.uuid();
const endless = (finite: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 9, arbitrary: finite },
    { weight: 1, arbitrary: fc.constantFrom('infinity', '-infinity') },
  );

const columns = [
  { column: column('b', 'bool'), values: fc.boolean() },
  { column: column('i2', 'int2'), values: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }) },
  { column: column('i4', 'int4'), values: fc.integer() },
  { column: column('i8', 'int8'), values: int64 },
  { column: column('f4', 'float4'), values: fc.float() },
  { column: column('f8', 'float8'), values: fc.double() },
  { column: column('money', 'numeric', { typeModifier: numericModifier(14, 2) }), values: money },
  {
    column: column('n', 'numeric'),
    values: fc.oneof(anyNumeric, fc.constantFrom('NaN', 'Infinity', '-Infinity')),
  },
  { column: column('t', 'text'), values: text },
  { column: column('jb', 'jsonb'), values: fc.json() },
  { column: column('by', 'bytea'), values: fc.uint8Array({ maxLength: 70 }) },
  { column: column('d', 'date'), values: endless(date) },
  { column: column('ts', 'timestamp'), values: endless(timestamp) },
  { column: column('tz', 'timestamptz'), values: endless(timestamp.map((time) => `${time}Z`)) },
  { column: column('u', 'uuid'), values: uuid },
];
const wire = columns.map((each) => each.column);
const target = (typeOid: number) => ({ typeOid, isEnum: false });

const rowWriters = wire.map(({ name, typeOid }) => ({
  name,
  isRequired: false,
  write: valueWriter(target(typeOid))!,
}));

function encoded(encoder: RowEncoder): Uint8Array {
  const output = new Output(16);
  writeCopyHeader(output);
  encoder.encode(output, 0, encoder.rows, Infinity);
  writeCopyTrailer(output);
  return output.written();
}

function decoded(bytes: Uint8Array): RecordBatch[] {
  const decoder = createRowDecoder(wire, { framing: 'copy', batchRows: 1000, numericAs: 'decimal' });
  return [...decoder.push(bytes), ...decoder.end()];
}

function encodedBatch(batch: RecordBatch): Uint8Array {
  const writers = batch.schema.fields.map((field, index) => ({
    ...{ name: field.name, index, isRequired: false },
    write: columnWriter(field, target(wire[index]!.typeOid))!,
  }));
  return encoded(batchEncoder(batch, writers));
}

const rowsArbitrary = fc.array(
  fc.record(
    Object.fromEntries(
      columns.map(({ column: { name }, values }) => [
        name,
        fc.option(values as fc.Arbitrary<unknown>, { freq: 4 }),
      ]),
    ),
  ),
  { minLength: 1, maxLength: 12 },
) as fc.Arbitrary<Row[]>;

test('rows are read back as they were written, from objects and from batches, and from a part of a batch', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.nat(11), (rows, from) => {
      const [batch] = decoded(encoded(objectEncoder(rows, rowWriters)));
      expect([...rowsOf(batch!)]).toEqual(rows);
      const [again] = decoded(encodedBatch(batch!));
      expect([...rowsOf(again!)]).toEqual(rows);
      if (from >= rows.length) return;
      const [part] = decoded(encodedBatch(batch!.slice(from)));
      expect([...rowsOf(part!)]).toEqual(rows.slice(from));
    }),
    { numRuns: 300 },
  );
});
