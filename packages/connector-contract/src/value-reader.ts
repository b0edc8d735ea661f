import { type Data, DataType, type Field, Vector } from 'apache-arrow';
import { base64Reader, isUuid, textReader, uuidReader } from './byte-readers.js';
import { decimalReader, int64Reader } from './number-readers.js';
import type { ResolvedRowOptions } from './row-options.js';
import { dateReader, intervalReader, timeReader, timestampReader } from './time-readers.js';

/** Gives the value at an index. */
export type Get<T = unknown> = (index: number) => T;

/** What a value is read for. */
export interface ReadFor {
  readonly options: ResolvedRowOptions;
  /** The column to name when a value cannot be had as the options say. */
  readonly column: string;
}

/**
 * Reads structs as objects.
 *
 * @param data - Of each field, all of one length.
 */
export function recordReader(
  fields: readonly Field[],
  data: readonly Data[],
  readForField: (field: Field) => ReadFor,
): Get<Record<string, unknown>> {
  const names = fields.map(({ name }) => name);
  const readers = fields.map((field, index) => valueReader(field, data[index] as Data, readForField(field)));
  // Copies of one object with all properties are filled in a third of the time that properties are added in, and one named
  // __proto__ is a property like any other. JSON.parse puts them all into the object itself, not beside it.
  const blank = JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:null`).join()}}`) as Record<
    string,
    unknown
  >;
  return (index) => {
    const record = { ...blank };
    for (let column = 0; column < names.length; column++) {
      record[names[column] as string] = (readers[column] as Get)(index);
    }
    return record;
  };
}

function valueReader(field: Field, data: Data, readFor: ReadFor): Get {
  const get = presentReader(field, data, readFor);
  const { nullBitmap, offset } = data as {
    readonly nullBitmap: Uint8Array | undefined;
    readonly offset: number;
  };
  // Unions, and columns of nothing, have no bits: Arrow knows which of theirs are null.
  if (data.nullCount === 0 || nullBitmap === undefined) return get;
  return (index) => (bitAt(nullBitmap, offset + index) ? get(index) : null);
}

/** Reads a value that is there. */
function presentReader(field: Field, data: Data, readFor: ReadFor): Get {
  const type: unknown = data.type;
  const { values, offset } = data as { readonly values: unknown; readonly offset: number };
  if (DataType.isBool(type)) return (index) => bitAt(values as Uint8Array, offset + index);
  if (DataType.isInt(type) && type.bitWidth === 64) return int64Reader(data, type, readFor);
  if (DataType.isInt(type) || values instanceof Float64Array || values instanceof Float32Array) {
    return elementReader(values as Int32Array);
  }
  if (DataType.isDecimal(type)) return decimalReader(data, type, readFor);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return textReader(field, data, readFor);
  if (DataType.isTimestamp(type)) return timestampReader(data, type);
  if (DataType.isDate(type)) return dateReader(data);
  if (DataType.isTime(type)) return timeReader(data, type);
  if (DataType.isInterval(type)) return intervalReader(data, type);
  if (DataType.isStruct(type)) return recordReader(type.children, data.children, () => readFor);
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) {
    return listReader(type.children[0] as Field, data, readFor);
  }
  if (DataType.isFixedSizeBinary(type) && isUuid(field) && type.byteWidth === 16) return uuidReader(data);
  const vector = new Vector([data]);
  const get: Get = (index) => vector.get(index);
  return readFor.options.bytes === 'base64' ? base64Reader(get) : get;
}

function elementReader(values: Int32Array): Get {
  return (index) => values[index];
}

function listReader(field: Field, data: Data, readFor: ReadFor): Get {
  const child = data.children[0] as Data;
  const get = valueReader(field, child, readFor);
  const { valueOffsets: offsets, stride } = data as {
    readonly valueOffsets: ArrayLike<number | bigint> | undefined;
    readonly stride: number;
  };
  return (index) => {
    const start = offsets === undefined ? index * stride : Number(offsets[index]);
    const end = offsets === undefined ? start + stride : Number(offsets[index + 1]);
    return Array.from({ length: end - start }, (_, position) => get(start + position));
  };
}

function bitAt(bits: Uint8Array, position: number): boolean {
  return (((bits[position >> 3] as number) >> (position & 7)) & 1) === 1;
}
