import {
  Binary,
  Bool,
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
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import { BooleanColumn } from './boolean-column.js';
import { BytesColumn, JsonbColumn } from './byte-columns.js';
import type { ColumnBuilder } from './column-builder.js';
import { protocolViolation } from './decode-error.js';
import { Int16Column, Int32Column, Int64Column } from './integer-columns.js';
import { DecimalColumn, NumericTextColumn } from './numeric-columns.js';
import { DateColumn, TimestampColumn } from './temporal-columns.js';
import { UuidColumn } from './uuid-column.js';
import { type NumericAs, numericScale, typeOids, type WireColumn } from './wire-column.js';

interface ColumnType {
  readonly arrowType: (column: WireColumn, numericAs: NumericAs) => DataType;
  readonly build: (field: Field) => ColumnBuilder;
  readonly metadata?: Readonly<Record<string, string>>;
}

const json = { 'ARROW:extension:name': 'arrow.json', 'ARROW:extension:metadata': '' };
const uuid = { 'ARROW:extension:name': 'arrow.uuid', 'ARROW:extension:metadata': '' };
const timeInfinity = { 'postgres:infinity': 'the ends of int64' };
const dateInfinity = { 'postgres:infinity': 'the ends of int32' };

const utf8: ColumnType = { arrowType: () => new Utf8(), build: (field) => new BytesColumn(field) };

const columnTypes: ReadonlyMap<number, ColumnType> = new Map<number, ColumnType>([
  [typeOids.bool, { arrowType: () => new Bool(), build: (field) => new BooleanColumn(field) }],
  [typeOids.int2, { arrowType: () => new Int16(), build: (field) => new Int16Column(field) }],
  [typeOids.int4, { arrowType: () => new Int32(), build: (field) => new Int32Column(field) }],
  [typeOids.int8, { arrowType: () => new Int64(), build: (field) => new Int64Column(field) }],
  [typeOids.float4, { arrowType: () => new Float32(), build: (field) => new Int32Column(field) }],
  [typeOids.float8, { arrowType: () => new Float64(), build: (field) => new Int64Column(field) }],
  [typeOids.numeric, { arrowType: numericType, build: numericColumn }],
  [typeOids.text, utf8],
  [typeOids.varchar, utf8],
  [typeOids.bpchar, utf8],
  [typeOids.name, utf8],
  [typeOids.bytea, { arrowType: () => new Binary(), build: (field) => new BytesColumn(field) }],
  [
    typeOids.date,
    { arrowType: () => new DateDay(), build: (field) => new DateColumn(field), metadata: dateInfinity },
  ],
  [
    typeOids.timestamp,
    {
      arrowType: () => new TimestampMicrosecond(),
      build: (field) => new TimestampColumn(field),
      metadata: timeInfinity,
    },
  ],
  [
    typeOids.timestamptz,
    {
      arrowType: () => new TimestampMicrosecond('UTC'),
      build: (field) => new TimestampColumn(field),
      metadata: timeInfinity,
    },
  ],
  [
    typeOids.uuid,
    { arrowType: () => new FixedSizeBinary(16), build: (field) => new UuidColumn(field), metadata: uuid },
  ],
  [typeOids.json, { ...utf8, metadata: json }],
  [typeOids.jsonb, { arrowType: () => new Utf8(), build: (field) => new JsonbColumn(field), metadata: json }],
]);

/** Says whether values of a type are decoded from their binary form. Any other type is to be read as text. */
export function isDecodable(typeOid: number): boolean {
  return columnTypes.has(typeOid);
}

/** The Arrow field of a column. Its metadata says what the column is in PostgreSQL. */
export function fieldOf(column: WireColumn, numericAs: NumericAs): Field {
  const { arrowType, metadata } = columnTypeOf(column);
  const type = arrowType(column, numericAs);
  const isText = column.readAsText || (column.typeOid === typeOids.numeric && type instanceof Utf8);
  return new Field(
    column.name,
    type,
    column.nullable,
    new Map(
      Object.entries({
        'postgres:type': column.sqlType,
        ...(isText && { 'postgres:read-as': 'text' }),
        ...metadata,
      }),
    ),
  );
}

export function builderOf(column: WireColumn, numericAs: NumericAs): ColumnBuilder {
  return columnTypeOf(column).build(fieldOf(column, numericAs));
}

function columnTypeOf(column: WireColumn): ColumnType {
  const type = columnTypes.get(column.typeOid);
  if (type === undefined) {
    throw protocolViolation(
      `column "${column.name}" is of type ${String(column.typeOid)}, which has no decoder`,
    );
  }
  return type;
}

function numericType({ typeModifier }: WireColumn, numericAs: NumericAs): DataType {
  const declared = numericScale(typeModifier);
  if (numericAs === 'text' || declared === undefined) return new Utf8();
  const { precision, scale } = declared;
  return precision <= 38 && scale >= 0 && scale <= precision
    ? new Decimal(scale, precision, 128)
    : new Utf8();
}

function numericColumn(field: Field): ColumnBuilder {
  const type: unknown = field.type;
  return type instanceof Decimal
    ? new DecimalColumn(field, type.precision, type.scale)
    : new NumericTextColumn(field);
}
