import { type Data, DataType, type Field, Type } from 'apache-arrow';
import { beginArray, finishArray } from './array.js';
import { writeDictionary, writeLargeVariable, writeVariable } from './byte-writers.js';
import { integerWriter, unsignedWriter } from './integer-writers.js';
import { decimalWriter, floatWriter, numericOfFloat } from './number-writers.js';
import { compositeWriter, multirangeWriter, rangeWriter } from './nested-writers.js';
import { writeNumericText } from './numeric.js';
import type { Output } from './output.js';
import { isTextLike, oids, type TargetType } from './target-type.js';
import { dateWriter, intervalWriter, timestampWriter, timeWriter } from './temporal-writers.js';
import { writeBytes } from './text.js';
import { writeUuidText } from './uuid.js';

/** Writes the field of a row, its length and its bytes. The value is there. */
export type WriteField = (output: Output, row: number) => void;

/** Makes what writes the values of one batch's column. */
export type ColumnWriter = (data: Data) => WriteField;

const jsonbVersion = 1;

/** How columns of a type are written to a target, `undefined` if their values are none of that target's. */
export function columnWriter(field: Field, target: TargetType): ColumnWriter | undefined {
  const type = field.type as unknown;
  if (type instanceof DataType && DataType.isDictionary(type)) {
    const { dictionary } = type as unknown as { readonly dictionary: DataType };
    const inner = columnWriter(field.clone({ type: dictionary }), target);
    return inner && writeDictionary(inner);
  }
  const { element, attributes, bound, range } = target;
  if (element !== undefined) return listWriter(field.type as DataType, element);
  if (attributes !== undefined) return compositeWriter(field.type as DataType, attributes, columnWriter);
  if (bound !== undefined) return rangeWriter(field.type as DataType, bound, columnWriter);
  if (range !== undefined) return multirangeWriter(field.type as DataType, range, columnWriter);
  if (isTextLike(target)) return textWriter(field.type as DataType);
  return byOid.get(target.typeOid)?.(field.type as DataType);
}

/** Text for a column that is written as text, and cast by the server. */
export function textColumnWriter(field: Field): ColumnWriter | undefined {
  return columnWriter(field, { typeOid: oids.text, isEnum: false });
}

const byOid: ReadonlyMap<number, (type: DataType) => ColumnWriter | undefined> = new Map<
  number,
  (type: DataType) => ColumnWriter | undefined
>([
  [oids.bool, (type) => (DataType.isBool(type) ? boolWriter : undefined)],
  [oids.int2, (type) => integerWriter(type, 2)],
  [oids.int4, (type) => integerWriter(type, 4)],
  [oids.int8, (type) => integerWriter(type, 8)],
  [oids.oid, (type) => unsignedWriter(type, 4)],
  [oids.xid, (type) => unsignedWriter(type, 4)],
  [oids.cid, (type) => unsignedWriter(type, 4)],
  [oids.xid8, (type) => unsignedWriter(type, 8)],
  [oids.float4, (type) => floatWriter(type, 4)],
  [oids.float8, (type) => floatWriter(type, 8)],
  [oids.numeric, numericWriter],
  [oids.bytea, bytesWriter],
  [oids.jsonb, (type) => textWriter(type, jsonbVersion)],
  [oids.uuid, uuidWriter],
  [oids.date, dateWriter],
  [oids.timestamp, (type) => timestampWriter(type, false)],
  [oids.timestamptz, (type) => timestampWriter(type, true)],
  [oids.time, timeWriter],
  [oids.interval, intervalWriter],
]);

const boolWriter: ColumnWriter = ({ values, offset }) => {
  const bits = values as Uint8Array;
  return (output, row) => {
    const at = output.take(5);
    const bit = offset + row;
    output.view.setInt32(at, 1);
    output.bytes[at + 4] = ((bits[bit >> 3] as number) >> (bit & 7)) & 1;
  };
};

function textWriter(type: DataType, prefix?: number): ColumnWriter | undefined {
  if (DataType.isUtf8(type)) return writeVariable(prefix);
  return DataType.isLargeUtf8(type) ? writeLargeVariable(prefix) : undefined;
}

function bytesWriter(type: DataType): ColumnWriter | undefined {
  if (DataType.isBinary(type)) return writeVariable();
  if (DataType.isLargeBinary(type)) return writeLargeVariable();
  return DataType.isFixedSizeBinary(type) ? fixedWriter(type.byteWidth) : undefined;
}

function fixedWriter(width: number): ColumnWriter {
  return ({ values }) =>
    (output, row) => {
      writeBytes(output, values as Uint8Array, width * row, width * (row + 1));
    };
}

function uuidWriter(type: DataType): ColumnWriter | undefined {
  if (DataType.isFixedSizeBinary(type)) return type.byteWidth === 16 ? fixedWriter(16) : undefined;
  return textReading(type, writeUuidText);
}

function numericWriter(type: DataType): ColumnWriter | undefined {
  if (DataType.isDecimal(type)) return decimalWriter(type.bitWidth / 32, type.scale);
  if (DataType.isInt(type)) return integerWriter(type, 'numeric');
  if (DataType.isFloat(type)) return numericOfFloat(type);
  return textReading(type, writeNumericText);
}

/** For types whose text must be understood here. */
function textReading(
  type: DataType,
  write: (output: Output, text: string) => void,
): ColumnWriter | undefined {
  if (!DataType.isUtf8(type) && !DataType.isLargeUtf8(type)) return undefined;
  const decoder = new TextDecoder();
  return ({ values, valueOffsets }) => {
    const bytes = values as Uint8Array;
    const offsets = valueOffsets as ArrayLike<number | bigint>;
    return (output, row) => {
      write(output, decoder.decode(bytes.subarray(Number(offsets[row]), Number(offsets[row + 1]))));
    };
  };
}

function listWriter(type: DataType, element: TargetType): ColumnWriter | undefined {
  if (type.typeId !== Type.List && type.typeId !== Type.FixedSizeList) return undefined;
  const [field] = type.children as readonly Field[];
  const inner = field && columnWriter(field, element);
  if (inner === undefined) return undefined;
  const width = DataType.isFixedSizeList(type) ? type.listSize : 0;
  return (data) => {
    const offsets = data.valueOffsets as Int32Array | undefined;
    const child = data.children[0] as Data;
    const write = inner(child);
    return (output, row) => {
      const start = width > 0 ? width * row : (offsets?.[row] ?? 0);
      const end = width > 0 ? start + width : (offsets?.[row + 1] ?? 0);
      const at = beginArray(output, element.namedOid ?? element.typeOid, end > start ? [end - start] : []);
      let hasNull = false;
      for (let index = start; index < end; index++) {
        if (child.getValid(index)) write(output, index);
        else {
          hasNull = true;
          output.int32(-1);
        }
      }
      finishArray(output, at, hasNull);
    };
  };
}
