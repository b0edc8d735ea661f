import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  type Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  IntervalMonthDayNano,
  TimeMicrosecond,
  TimestampMicrosecond,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { BooleanColumn } from './boolean-column.js';
import { BytesColumn, JsonbColumn } from './byte-columns.js';
import { CharColumn } from './char-column.js';
import type { ColumnBuilder } from './column-builder.js';
import { Int16Column, Int32Column, Int64Column } from './integer-columns.js';
import { IntervalColumn } from './interval-column.js';
import { DecimalColumn, NumericTextColumn } from './numeric-columns.js';
import { DateColumn, TimestampColumn } from './temporal-columns.js';
import { UuidColumn } from './uuid-column.js';
import { type NumericAs, numericScale, typeOids } from './wire-column.js';

/** What a type becomes in Arrow, and what makes it so. */
export interface ColumnType {
  readonly arrowType: DataType;
  readonly build: (field: Field) => ColumnBuilder;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** For values that are text in PostgreSQL, too. */
export const utf8 = typeOf(new Utf8(), BytesColumn);
/** For the text that the server makes of another value. */
export const serverText = typeOf(new Utf8(), BytesColumn, { 'postgres:read-as': 'text' });

const numericText = typeOf(new Utf8(), NumericTextColumn, serverText.metadata);
const uint32 = typeOf(new Uint32(), Int32Column);

const json = { 'ARROW:extension:name': 'arrow.json', 'ARROW:extension:metadata': '' };
const uuid = { 'ARROW:extension:name': 'arrow.uuid', 'ARROW:extension:metadata': '' };
const int32Infinity = { 'postgres:infinity': 'the ends of int32' };
const int64Infinity = { 'postgres:infinity': 'the ends of int64' };
const intervalInfinity = { 'postgres:infinity': 'the ends of months, days and nanoseconds' };

const baseTypes: ReadonlyMap<number, ColumnType> = new Map([
  [typeOids.bool, typeOf(new Bool(), BooleanColumn)],
  [typeOids.int2, typeOf(new Int16(), Int16Column)],
  [typeOids.int4, typeOf(new Int32(), Int32Column)],
  [typeOids.int8, typeOf(new Int64(), Int64Column)],
  [typeOids.float4, typeOf(new Float32(), Int32Column)],
  [typeOids.float8, typeOf(new Float64(), Int64Column)],
  [typeOids.oid, uint32],
  [typeOids.xid, uint32],
  [typeOids.cid, uint32],
  [typeOids.xid8, typeOf(new Uint64(), Int64Column)],
  [typeOids.text, utf8],
  [typeOids.varchar, utf8],
  [typeOids.bpchar, utf8],
  [typeOids.name, utf8],
  [typeOids.char, typeOf(new Utf8(), CharColumn)],
  [typeOids.bytea, typeOf(new Binary(), BytesColumn)],
  [typeOids.date, typeOf(new DateDay(), DateColumn, int32Infinity)],
  [typeOids.time, typeOf(new TimeMicrosecond(), Int64Column)],
  [typeOids.timestamp, typeOf(new TimestampMicrosecond(), TimestampColumn, int64Infinity)],
  [typeOids.timestamptz, typeOf(new TimestampMicrosecond('UTC'), TimestampColumn, int64Infinity)],
  [typeOids.interval, typeOf(new IntervalMonthDayNano(), IntervalColumn, intervalInfinity)],
  [typeOids.uuid, typeOf(new FixedSizeBinary(16), UuidColumn, uuid)],
  [typeOids.json, typeOf(new Utf8(), BytesColumn, json)],
  [typeOids.jsonb, typeOf(new Utf8(), JsonbColumn, json)],
]);

/** What becomes of a built-in type without parts; `undefined` if its values are not decoded from their binary form. */
export function baseType(
  typeOid: number,
  typeModifier: number,
  numericAs: NumericAs,
): ColumnType | undefined {
  return typeOid === typeOids.numeric ? numericType(typeModifier, numericAs) : baseTypes.get(typeOid);
}

function numericType(typeModifier: number, numericAs: NumericAs): ColumnType {
  const declared = numericScale(typeModifier);
  if (numericAs === 'text' || declared === undefined) return numericText;
  const { precision, scale } = declared;
  if (precision > 38 || scale < 0 || scale > precision) return numericText;
  return {
    arrowType: new Decimal(scale, precision, 128),
    build: (field) => new DecimalColumn(field, precision, scale),
  };
}

function typeOf(
  arrowType: DataType,
  Column: new (field: Field) => ColumnBuilder,
  metadata?: Readonly<Record<string, string>>,
): ColumnType {
  return { arrowType, build: (field) => new Column(field), ...(metadata !== undefined && { metadata }) };
}
