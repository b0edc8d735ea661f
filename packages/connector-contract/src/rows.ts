import {
  type Data,
  DataType,
  type Field,
  type RecordBatch,
  TimeUnit,
  type Timestamp,
  Vector,
} from 'apache-arrow';
import { dateText, dayOfMs, timestampText } from './calendar-text.js';

/** A row as a plain object: column name to value, in the order of the columns. */
export type Row = Record<string, unknown>;

const int32Max = 0x7fff_ffff;
const int32Min = -0x8000_0000;
const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

/**
 * Gives the rows of batches one by one, as plain objects in which no value has lost anything:
 *
 * | Arrow | value |
 * |---|---|
 * | null | `null` |
 * | Bool | boolean |
 * | Int8 to Int32, Uint8 to Uint32, Float | number |
 * | Int64, Uint64 | bigint |
 * | Decimal | text with all digits of its scale, such as `'-1.50'` |
 * | Utf8 (JSON too) | text |
 * | Binary, FixedSizeBinary | Uint8Array, a view of the batch's memory |
 * | FixedSizeBinary(16) marked `arrow.uuid` | text, such as `'6f2c1a4e-…'` |
 * | Date | `'2024-01-31'` |
 * | Timestamp | `'2024-01-31T10:00:00.123456'`, with `Z` if the column has a time zone |
 *
 * Times have as many digits as their unit. A year outside 0 to 9999 has a sign and six digits. The ends of the integer
 * that carries a date or timestamp stand for `'infinity'` and `'-infinity'`. Any other type gives what Arrow gives.
 *
 * Convenient, and several times slower than columns. Batches are taken one at a time, as the rows are consumed.
 */
export async function* rows(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): AsyncGenerator<Row, void, undefined> {
  for await (const batch of batches) yield* rowsOf(batch);
}

/** The rows of one batch. */
export function* rowsOf(batch: RecordBatch): Generator<Row, void, undefined> {
  const columns = batch.schema.fields.map((field, index) => {
    // A batch has one child for each of its fields.
    return { name: field.name, get: reader(field, batch.data.children[index] as Data) };
  });
  for (let index = 0; index < batch.numRows; index++) {
    // Not by assignment: a column named __proto__ would set the prototype.
    yield Object.fromEntries(columns.map(({ name, get }) => [name, get(index)]));
  }
}

type Get = (index: number) => unknown;

function reader(field: Field, data: Data): Get {
  const get = valueReader(field, data);
  return data.nullCount === 0 ? get : (index) => (data.getValid(index) ? get(index) : null);
}

/** Reads a value that is there. */
function valueReader(field: Field, data: Data): Get {
  const type: unknown = data.type;
  if (DataType.isTimestamp(type)) return timestampReader(type, data.values as BigInt64Array);
  if (DataType.isDate(type)) return dateReader(data);
  if (DataType.isDecimal(type))
    return decimalReader(data.values as Uint32Array, type.bitWidth / 32, type.scale);
  if (DataType.isUtf8(type)) return textReader(data);
  if (DataType.isFixedSizeBinary(type) && isUuid(field) && type.byteWidth === 16) {
    const bytes = data.values as Uint8Array;
    return (index) => uuidText(bytes, 16 * index);
  }
  const vector = new Vector([data]);
  return (index) => vector.get(index) as unknown;
}

const fractionDigits: ReadonlyMap<TimeUnit, number> = new Map([
  [TimeUnit.SECOND, 0],
  [TimeUnit.MILLISECOND, 3],
  [TimeUnit.MICROSECOND, 6],
  [TimeUnit.NANOSECOND, 9],
]);

function timestampReader(type: Timestamp, values: BigInt64Array): Get {
  const digits = fractionDigits.get(type.unit) ?? 0;
  const zone = typeof type.timezone === 'string' ? 'Z' : '';
  return (index) => {
    const value = values[index] ?? 0n;
    if (value === int64Max) return 'infinity';
    return value === int64Min ? '-infinity' : timestampText(value, digits) + zone;
  };
}

function dateReader(data: Data): Get {
  const values: unknown = data.values;
  if (values instanceof BigInt64Array) return (index) => dateText(dayOfMs(values[index] ?? 0n));
  const days = values as Int32Array;
  return (index) => {
    const day = days[index] ?? 0;
    if (day === int32Max) return 'infinity';
    return day === int32Min ? '-infinity' : dateText(day);
  };
}

function decimalReader(words: Uint32Array, wordsPerValue: number, scale: number): Get {
  return (index) => {
    let value = 0n;
    for (let word = wordsPerValue - 1; word >= 0; word--) {
      value = (value << 32n) | BigInt(words[index * wordsPerValue + word] ?? 0);
    }
    return decimalText(BigInt.asIntN(32 * wordsPerValue, value), scale);
  };
}

function decimalText(value: bigint, scale: number): string {
  if (scale <= 0) return String(value * 10n ** BigInt(-scale));
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Arrow's own decoder takes a U+FEFF at the beginning of a text for the mark of an encoding, and drops it. */
function textReader(data: Data): Get {
  const { buffer, byteOffset, byteLength } = data.values as Uint8Array;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const offsets = data.valueOffsets as Int32Array;
  return (index) => bytes.toString('utf8', offsets[index], offsets[index + 1]);
}

function isUuid(field: Field): boolean {
  return field.metadata.get('ARROW:extension:name') === 'arrow.uuid';
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function uuidText(bytes: Uint8Array, start: number): string {
  let text = '';
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
    text += hex[bytes[start + index] ?? 0] ?? '';
  }
  return text;
}
