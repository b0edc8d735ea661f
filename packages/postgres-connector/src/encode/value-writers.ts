import { beginArray, finishArray, raggedArray } from './array.js';
import { writeDateText, writeTimestampText, writeTimeText } from './calendar.js';
import { writeBigInt8, writeInt2, writeInt4, writeInt8 } from './integer-writers.js';
import { writeFloat4, writeFloat8 } from './number-writers.js';
import { compositeValueWriter, multirangeValueWriter, rangeValueWriter } from './nested-values.js';
import { writeNumericText, writeScaled } from './numeric.js';
import type { Output } from './output.js';
import { RefusedValue } from './refused-value.js';
import { isTextLike, oids, type TargetType } from './target-type.js';
import { writeBytes, writeText } from './text.js';
import { writeUuidText } from './uuid.js';

/** Writes the field of a value that is there, its length and its bytes. */
export type WriteValue = (output: Output, value: unknown) => void;

const jsonbVersion = 1;

/** How values as `rows()` gives them are written to a target, `undefined` if that is done by the server, from text. */
export function valueWriter(target: TargetType): WriteValue | undefined {
  if (target.typeOid === oids.json) return (output, value) => writeText(output, jsonText(value));
  const { element, attributes, bound, range } = target;
  if (element !== undefined) return arrayWriter(element);
  if (attributes !== undefined) return compositeValueWriter(attributes, valueWriter);
  if (bound !== undefined) return rangeValueWriter(bound, valueWriter);
  if (range !== undefined) return multirangeValueWriter(range, valueWriter);
  if (isTextLike(target)) return writeString;
  return byOid.get(target.typeOid);
}

export const writeString: WriteValue = (output, value) => {
  if (typeof value !== 'string') throw wanted('a text', value);
  writeText(output, value);
};

const byOid: ReadonlyMap<number, WriteValue> = new Map<number, WriteValue>([
  [oids.bool, writeBoolean],
  [oids.int2, (output, value) => writeInt2(output, wholeNumber(value))],
  [oids.int4, (output, value) => writeInt4(output, wholeNumber(value))],
  [
    oids.int8,
    (output, value) => {
      if (typeof value === 'bigint') writeBigInt8(output, value);
      else writeInt8(output, wholeNumber(value));
    },
  ],
  [oids.oid, (output, value) => writeUnsigned(output, value, 4)],
  [oids.xid, (output, value) => writeUnsigned(output, value, 4)],
  [oids.cid, (output, value) => writeUnsigned(output, value, 4)],
  [oids.xid8, (output, value) => writeUnsigned(output, value, 8)],
  [oids.float4, (output, value) => writeFloat4(output, number(value))],
  [oids.float8, (output, value) => writeFloat8(output, number(value))],
  [oids.numeric, writeNumeric],
  [oids.bytea, writeBinary],
  [oids.jsonb, (output, value) => writeText(output, jsonText(value), jsonbVersion)],
  [oids.uuid, writeUuid],
  [oids.date, (output, value) => writeDateText(output, textOf(value))],
  [oids.time, (output, value) => writeTimeText(output, textOf(value))],
  [oids.timestamp, (output, value) => writeTimestampText(output, textOf(value), false)],
  [
    oids.timestamptz,
    (output, value) => {
      writeTimestampText(output, value instanceof Date ? value.toISOString() : textOf(value), true);
    },
  ],
]);

/** Identifiers of the server, which have no sign. Also a text of digits, as the server prints them. */
function writeUnsigned(output: Output, value: unknown, bytes: 4 | 8): void {
  const isDigits = typeof value === 'string' && /^\d{1,20}$/.test(value);
  const whole = isDigits || typeof value === 'bigint' ? BigInt(value) : BigInt(wholeNumber(value));
  if (whole < 0n || whole >= 1n << BigInt(8 * bytes)) {
    throw new RefusedValue(`has a number that is none from 0 to 2^${String(8 * bytes)} - 1`);
  }
  const at = output.take(4 + bytes);
  output.view.setInt32(at, bytes);
  if (bytes === 8) output.view.setBigUint64(at + 4, whole);
  else output.view.setUint32(at + 4, Number(whole));
}

function writeBoolean(output: Output, value: unknown): void {
  if (typeof value !== 'boolean') throw wanted('true or false', value);
  const at = output.take(5);
  output.view.setInt32(at, 1);
  output.bytes[at + 4] = value ? 1 : 0;
}

function writeNumeric(output: Output, value: unknown): void {
  if (typeof value === 'string') writeNumericText(output, value);
  else if (typeof value === 'bigint') writeScaled(output, value, 0);
  else writeNumericText(output, String(number(value)));
}

function writeBinary(output: Output, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw wanted('a Uint8Array', value);
  writeBytes(output, value, 0, value.length);
}

function writeUuid(output: Output, value: unknown): void {
  if (!(value instanceof Uint8Array)) {
    writeUuidText(output, textOf(value));
    return;
  }
  if (value.length !== 16) throw new RefusedValue('has bytes that are no uuid, which has 16');
  writeBytes(output, value, 0, 16);
}

/** A text is JSON already; any other value becomes it. */
function jsonText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    const text: unknown = JSON.stringify(value);
    if (typeof text === 'string') return text;
  } catch {
    // A bigint in it, or a circle.
  }
  throw new RefusedValue('has a value that is no JSON');
}

function arrayWriter(element: TargetType): WriteValue | undefined {
  const write = valueWriter(element);
  if (write === undefined) return undefined;
  return (output, value) => {
    if (!Array.isArray(value)) throw wanted('an array', value);
    const dimensions = dimensionsOf(value);
    const at = beginArray(
      output,
      element.namedOid ?? element.typeOid,
      dimensions.includes(0) ? [] : dimensions,
    );
    finishArray(output, at, writeElements(output, value, dimensions, 0, write));
  };
}

/** Arrays within arrays are dimensions; the first of each tells how long all are. */
function dimensionsOf(value: unknown): number[] {
  const dimensions: number[] = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0] as unknown) dimensions.push(inner.length);
  return dimensions;
}

/** Returns whether one of them is NULL. */
function writeElements(
  output: Output,
  values: readonly unknown[],
  dimensions: readonly number[],
  depth: number,
  write: WriteValue,
): boolean {
  if (values.length !== dimensions[depth]) throw raggedArray();
  const isLast = depth === dimensions.length - 1;
  let hasNull = false;
  for (const value of values) {
    if (!isLast) {
      if (!Array.isArray(value)) throw raggedArray();
      if (writeElements(output, value, dimensions, depth + 1, write)) hasNull = true;
    } else if (value === null || value === undefined) {
      hasNull = true;
      output.int32(-1);
    } else if (Array.isArray(value)) throw raggedArray();
    else write(output, value);
  }
  return hasNull;
}

function number(value: unknown): number {
  if (typeof value === 'number') return value;
  throw wanted('a number', value);
}

function wholeNumber(value: unknown): number {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return value;
  throw wanted('a whole number', value);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw wanted('a text', value);
}

function wanted(what: string, value: unknown): RefusedValue {
  const kind = typeof value === 'object' ? (value?.constructor.name ?? 'object') : typeof value;
  return new RefusedValue(`has a value of type ${kind}; it must be ${what}`);
}
