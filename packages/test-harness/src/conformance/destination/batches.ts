import type { Row } from '@sqlflow/connector-contract';
import {
  Binary,
  Bool,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import type { ColumnKind, ColumnSpec, StreamSpec } from '../source/source-fixture.js';
import { dayOf, microsecondsOf } from './calendar-values.js';

/** The values of one column, in memory as Arrow has them. */
interface Buffers {
  readonly data: unknown;
  readonly valueOffsets?: Int32Array;
}

interface Encoding {
  readonly type: DataType;
  /** Values as `rows()` gives them, `null` for those that are not there. */
  readonly encode: (values: readonly unknown[]) => Buffers;
}

const numbers =
  (array: { from(values: Iterable<number>): unknown }) =>
  (values: readonly unknown[]): Buffers => ({ data: array.from(values.map((value) => Number(value ?? 0))) });

const int64s =
  (whole: (value: string) => bigint) =>
  (values: readonly unknown[]): Buffers => ({
    data: BigInt64Array.from(values.map((value) => (value === null ? 0n : whole(textOf(value))))),
  });

const texts = (values: readonly unknown[]): Buffers =>
  variable(values.map((value) => Buffer.from(value === null ? '' : textOf(value), 'utf8')));

const encodings: Readonly<Record<ColumnKind, Encoding>> = {
  boolean: {
    type: new Bool(),
    encode: (values) => ({ data: bitsOf(values.map((value) => value === true)) }),
  },
  int16: { type: new Int16(), encode: numbers(Int16Array) },
  int32: { type: new Int32(), encode: numbers(Int32Array) },
  int64: { type: new Int64(), encode: int64s(BigInt) },
  float32: { type: new Float32(), encode: numbers(Float32Array) },
  float64: { type: new Float64(), encode: numbers(Float64Array) },
  decimal: { type: new Decimal(9, 38, 128), encode: decimals },
  numeric: { type: new Utf8(), encode: texts },
  text: { type: new Utf8(), encode: texts },
  bytes: {
    type: new Binary(),
    encode: (values) => variable(values.map((value) => (value ?? new Uint8Array(0)) as Uint8Array)),
  },
  uuid: { type: new FixedSizeBinary(16), encode: uuids },
  date: {
    type: new DateDay(),
    encode: (values) => ({
      data: Int32Array.from(values.map((value) => (value === null ? 0 : dayOf(textOf(value))))),
    }),
  },
  timestamp: { type: new TimestampMicrosecond(), encode: int64s(microsecondsOf) },
  timestamptz: { type: new TimestampMicrosecond('UTC'), encode: int64s(microsecondsOf) },
  json: { type: new Utf8(), encode: texts },
};

/** A batch of rows as `rows()` gives them. What a row lacks is NULL. */
export function batchOf({ columns }: Pick<StreamSpec, 'columns'>, rows: readonly Row[]): RecordBatch {
  const schema = new Schema(columns.map(fieldOf));
  const children = columns.map(({ name, kind }) =>
    dataOf(
      kind,
      rows.map((row) => row[name] ?? null),
    ),
  );
  const type = new Struct(schema.fields);
  return new RecordBatch(schema, makeData({ type, length: rows.length, nullCount: 0, children }));
}

/** All rows, in batches of `batchRows` and a last one of what is left. No rows are no batch. */
export function batchesOf(
  stream: Pick<StreamSpec, 'columns'>,
  rows: readonly Row[],
  batchRows: number,
): RecordBatch[] {
  return Array.from({ length: Math.ceil(rows.length / batchRows) }, (_, index) =>
    batchOf(stream, rows.slice(index * batchRows, (index + 1) * batchRows)),
  );
}

function fieldOf({ name, kind, isNullable = false }: ColumnSpec): Field {
  const metadata = new Map(kind === 'uuid' ? [['ARROW:extension:name', 'arrow.uuid']] : []);
  return new Field(name, encodings[kind].type, isNullable, metadata);
}

function dataOf(kind: ColumnKind, values: readonly unknown[]): Data {
  const { type, encode } = encodings[kind];
  const given = {
    type,
    length: values.length,
    nullCount: values.filter((value) => value === null).length,
    nullBitmap: bitsOf(values.map((value) => value !== null)),
    ...encode(values),
  };
  return makeData(given as never);
}

/** A value of `rows()` that is a text or a number. */
function textOf(value: unknown): string {
  return `${value as string | number | bigint}`;
}

function bitsOf(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [index, bit] of bits.entries()) {
    if (bit) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  }
  return bytes;
}

function variable(parts: readonly Uint8Array[]): Buffers {
  const valueOffsets = new Int32Array(parts.length + 1);
  for (const [index, { length }] of parts.entries())
    valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + length;
  return { valueOffsets, data: Buffer.concat(parts) };
}

/** Two words of 64 bits each, the low one first, of what is left without the point. */
function decimals(values: readonly unknown[]): Buffers {
  const words = values.flatMap((value) => {
    const whole = value === null ? 0n : BigInt(textOf(value).replace('.', ''));
    return [BigInt.asUintN(64, whole), BigInt.asUintN(64, whole >> 64n)];
  });
  return { data: new Uint32Array(BigUint64Array.from(words).buffer) };
}

function uuids(values: readonly unknown[]): Buffers {
  const hex = values.map((value) => (value === null ? '0'.repeat(32) : textOf(value).replaceAll('-', '')));
  return { data: Uint8Array.from(Buffer.from(hex.join(''), 'hex')) };
}
