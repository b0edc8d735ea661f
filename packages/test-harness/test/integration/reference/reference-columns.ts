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
  vectorFromArray,
} from 'apache-arrow';

/** A column as the catalogue has it. */
export interface ReferenceColumn {
  readonly name: string;
  /** As `format_type` says it. */
  readonly type: string;
  readonly isNullable: boolean;
}

interface ReferenceType {
  readonly arrow: DataType;
  /** An expression for a text that `parse` takes. */
  readonly sql: (column: string) => string;
  readonly parse: (text: string) => unknown;
  readonly metadata?: Readonly<Record<string, string>>;
}

const asIs = (column: string): string => `${column}::text`;
const number = (arrow: DataType): ReferenceType => ({ arrow, sql: asIs, parse: numberOf });
const text: ReferenceType = { arrow: new Utf8(), sql: asIs, parse: (value) => value };
const hex = (value: string): Uint8Array => Buffer.from(value, 'hex');
const int64Max = 2n ** 63n - 1n;
const endsOfTime = (column: string, value: string): string =>
  `CASE ${column} WHEN 'infinity' THEN 'infinity' WHEN '-infinity' THEN '-infinity' ELSE ${value} END`;
const stamp = (zone?: string): ReferenceType => ({
  arrow: new TimestampMicrosecond(zone),
  sql: (column) => endsOfTime(column, `(extract(epoch FROM ${column}) * 1000000)::bigint::text`),
  parse: (value) =>
    value === 'infinity' ? int64Max : value === '-infinity' ? -int64Max - 1n : BigInt(value),
});

const types: Readonly<Record<string, ReferenceType>> = {
  boolean: { arrow: new Bool(), sql: asIs, parse: (value) => value === 'true' },
  smallint: number(new Int16()),
  integer: number(new Int32()),
  bigint: { arrow: new Int64(), sql: asIs, parse: BigInt },
  real: number(new Float32()),
  'double precision': number(new Float64()),
  'numeric(38,9)': {
    arrow: new Decimal(9, 38, 128),
    sql: (column) => `trunc(${column} * 1000000000)::text`,
    parse: BigInt,
  },
  numeric: text,
  text,
  jsonb: text,
  bytea: { arrow: new Binary(), sql: (column) => `encode(${column}, 'hex')`, parse: hex },
  uuid: {
    arrow: new FixedSizeBinary(16),
    sql: (column) => `encode(uuid_send(${column}), 'hex')`,
    parse: hex,
    metadata: { 'ARROW:extension:name': 'arrow.uuid' },
  },
  date: {
    arrow: new DateDay(),
    sql: (column) => endsOfTime(column, `(${column} - date '1970-01-01')::text`),
    parse: (value) =>
      value === 'infinity' ? 0x7fff_ffff : value === '-infinity' ? -0x8000_0000 : Number(value),
  },
  'timestamp without time zone': stamp(),
  'timestamp with time zone': stamp('UTC'),
};

function numberOf(value: string): number {
  return value === '-0' ? -0 : Number(value);
}

function typeOf(column: ReferenceColumn): ReferenceType {
  const type = types[column.type];
  if (type === undefined) throw new Error(`the reference does not know ${column.type}`);
  return type;
}

export function fieldOf(column: ReferenceColumn): Field {
  const { arrow, metadata = {} } = typeOf(column);
  return new Field(column.name, arrow, column.isNullable, new Map(Object.entries(metadata)));
}

export function schemaOf(columns: readonly ReferenceColumn[]): Schema {
  return new Schema(columns.map(fieldOf));
}

/** What to select of a column, given as an expression. */
export function selectOf(column: ReferenceColumn, expression: string): string {
  return typeOf(column).sql(expression);
}

/** A batch of rows, each a list of texts in the order of the columns. */
export function batchOf(
  columns: readonly ReferenceColumn[],
  rows: readonly (readonly (string | null)[])[],
  mangle: (column: ReferenceColumn, value: unknown) => unknown,
): RecordBatch {
  const schema = schemaOf(columns);
  const children = columns.map((column, index) => {
    const { parse } = typeOf(column);
    const values = rows.map((row) => {
      const value = row[index] ?? null;
      return value === null ? null : mangle(column, parse(value));
    });
    return dataOf(typeOf(column).arrow, values);
  });
  const type = new Struct(schema.fields);
  return new RecordBatch(schema, makeData({ type, length: rows.length, nullCount: 0, children }));
}

/** By hand where Arrow's builders would go through a JavaScript number. */
function dataOf(type: DataType, values: readonly unknown[]): Data {
  const length = values.length;
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  for (const [index, value] of values.entries())
    if (value !== null) nullBitmap[index >> 3]! |= 1 << (index & 7);
  const nullCount = values.filter((value) => value === null).length;
  const whole = (): bigint[] =>
    values.map((value) => (value === null ? 0n : BigInt(value as bigint | number)));
  const given = { length, nullBitmap, nullCount };
  if (type instanceof Decimal) {
    const data = new BigUint64Array(
      whole().flatMap((value) => [value & (2n ** 64n - 1n), BigInt.asUintN(64, value >> 64n)]),
    );
    return makeData({ type, data: new Uint32Array(data.buffer), ...given });
  }
  if (type instanceof TimestampMicrosecond)
    return makeData({ type, data: new BigInt64Array(whole()), ...given });
  if (type instanceof DateDay) return makeData({ type, data: new Int32Array(whole().map(Number)), ...given });
  const [data] = vectorFromArray(values as never[], type).data;
  return data as Data;
}
