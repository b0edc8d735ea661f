import { typeOids, type WireColumn } from '../src/decode/wire-column.js';

/** A slow and simple encoder of PostgreSQL's binary rows: what the decoder is checked against. */
export type FieldBytes = Buffer | null;

export function column(
  name: string,
  type: keyof typeof typeOids,
  changes: Partial<WireColumn> = {},
): WireColumn {
  return {
    name,
    typeOid: typeOids[type],
    typeModifier: -1,
    nullable: true,
    sqlType: type,
    readAsText: false,
    ...changes,
  };
}

/** The modifier of numeric(precision, scale). */
export function numericModifier(precision: number, scale: number): number {
  return ((precision << 16) | (scale & 0x7ff)) + 4;
}

function tuple(fields: readonly FieldBytes[]): Buffer {
  return Buffer.concat([int16(fields.length), ...fields.map(part)]);
}

export function dataRow(fields: readonly FieldBytes[]): Buffer {
  const payload = tuple(fields);
  return Buffer.concat([Buffer.from('D'), int32(payload.length + 4), payload]);
}

export function dataRows(rows: readonly (readonly FieldBytes[])[]): Buffer {
  return Buffer.concat(rows.map(dataRow));
}

export const copyHeader = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), int32(0), int32(0)]);
export const copyTrailer = int16(-1);

export function copyOf(rows: readonly (readonly FieldBytes[])[]): Buffer {
  return Buffer.concat([copyHeader, ...rows.map(tuple), copyTrailer]);
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

export function float4(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  return bytes;
}

export function float8(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

export function jsonb(text: string): Buffer {
  return Buffer.concat([Buffer.from([1]), Buffer.from(text)]);
}

/** From the text that the server would print: `-12.50`, `NaN`, `Infinity`. */
export function numeric(text: string): Buffer {
  const special = { NaN: 0xc000, Infinity: 0xd000, '-Infinity': 0xf000 }[text];
  if (special !== undefined) return numericOf([], 0, special, 0);
  const sign = text.startsWith('-') ? 0x4000 : 0;
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const padded =
    whole.padStart(Math.ceil(whole.length / 4) * 4, '0') +
    fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  const digits = (padded.match(/.{4}/g) ?? []).map(Number);
  let weight = Math.ceil(whole.length / 4) - 1;
  while (digits[0] === 0) {
    digits.shift();
    weight--;
  }
  while (digits.at(-1) === 0) digits.pop();
  return numericOf(digits, digits.length === 0 ? 0 : weight, digits.length === 0 ? 0 : sign, fraction.length);
}

function numericOf(digits: readonly number[], weight: number, sign: number, scale: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(digits.length, 0);
  header.writeInt16BE(weight, 2);
  header.writeUInt16BE(sign, 4);
  header.writeUInt16BE(scale, 6);
  return Buffer.concat([header, ...digits.map(int16)]);
}

/** Microseconds since 2000-01-01, from those since 1970-01-01. */
export function timestamp(microseconds: bigint): Buffer {
  return int64(microseconds - 946_684_800_000_000n);
}

/** Days since 2000-01-01, from those since 1970-01-01. */
export function date(days: number): Buffer {
  return int32(days - 10_957);
}

export function array(elementOid: number, elements: readonly FieldBytes[], lowerBound = 1): Buffer {
  const nulls = int32(Number(elements.includes(null)));
  if (elements.length === 0) return Buffer.concat([int32(0), nulls, int32(elementOid)]);
  return Buffer.concat([
    ...[int32(1), nulls, int32(elementOid), int32(elements.length), int32(lowerBound)],
    ...elements.map(part),
  ]);
}

export function composite(typeOids: readonly number[], attributes: readonly FieldBytes[]): Buffer {
  const parts = attributes.map((value, index) => Buffer.concat([int32(typeOids[index] ?? 0), part(value)]));
  return Buffer.concat([int32(attributes.length), ...parts]);
}

export interface RangeParts {
  /** `null` for none. */
  readonly lower: FieldBytes;
  readonly upper: FieldBytes;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
}

export function range({ lower, upper, lowerInclusive, upperInclusive }: RangeParts): Buffer {
  const flags =
    (lowerInclusive ? 0x02 : 0) |
    (upperInclusive ? 0x04 : 0) |
    (lower === null ? 0x08 : 0) |
    (upper === null ? 0x10 : 0);
  const bounds = [lower, upper].filter((bound) => bound !== null);
  return Buffer.concat([Buffer.of(flags), ...bounds.map(part)]);
}

export const emptyRange = Buffer.of(0x01);

export function multirange(ranges: readonly Buffer[]): Buffer {
  return Buffer.concat([int32(ranges.length), ...ranges.map(part)]);
}

export function interval(months: number, days: number, microseconds: bigint): Buffer {
  return Buffer.concat([int64(microseconds), int32(days), int32(months)]);
}

function part(value: FieldBytes): Buffer {
  return value === null ? int32(-1) : Buffer.concat([int32(value.length), value]);
}
