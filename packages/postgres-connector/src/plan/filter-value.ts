import { toServerDate, toServerTimestamp } from './calendar-input.js';

/** How values of a type are compared with a column of it. */
export interface Comparable {
  /** What a parameter is cast to: never with a length or a scale, which would cut or round the value. */
  readonly cast: string;
  /** What a value must be, for messages. */
  readonly expects: string;
  /** The text of a value for the server; `undefined` for one that does not fit. */
  readonly toText: (value: unknown) => string | undefined;
}

const integer = /^-?\d+$/;
const decimal = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|-?Infinity)$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** By the object identifier of the type. They are the same in every server. */
const comparables: ReadonlyMap<number, Comparable> = new Map<number, Comparable>([
  [16, { cast: 'bool', expects: 'true or false', toText: booleanText }],
  [17, { cast: 'bytea', expects: 'a Uint8Array', toText: bytesText }],
  [19, { ...textual('text'), cast: 'text' }], // as a name, one that is too long would be cut
  [20, integral('int8', 64n)],
  [21, integral('int2', 16n)],
  [23, integral('int4', 32n)],
  [25, textual('text')],
  [700, { cast: 'float4', expects: 'a number that float4 can hold', toText: singleText }],
  [701, { cast: 'float8', expects: 'a number', toText: doubleText }],
  [1042, textual('bpchar')],
  [1043, textual('text')],
  [1082, ofText('date', "a date such as '2024-01-31', or 'infinity'", toServerDate)],
  [
    1114,
    ofText('timestamp', "a time without a zone, such as '2024-01-31T10:00:00.123456'", (text) =>
      toServerTimestamp(text, false),
    ),
  ],
  [
    1184,
    ofText('timestamptz', "a time with Z or an offset, such as '2024-01-31T10:00:00.123456Z'", (text) =>
      toServerTimestamp(text, true),
    ),
  ],
  [1700, { cast: 'numeric', expects: 'a number, a bigint or a decimal text', toText: numericText }],
  [2950, ofText('uuid', 'a UUID', (text) => (uuid.test(text) ? text : undefined))],
  [3802, ofText('jsonb', 'a text in JSON', (text) => (isJson(text) ? text : undefined))],
]);

/** The types that cannot be compared at all. */
const incomparable: ReadonlySet<number> = new Set([114, 142]); // json, xml

/**
 * How to compare with a type. `undefined` for one that only the server knows: it takes a text, and the server finds out
 * what to make of it.
 */
export function comparableOf(typeOid: number): Comparable | undefined {
  return comparables.get(typeOid);
}

export function isComparable(typeOid: number): boolean {
  return !incomparable.has(typeOid);
}

/** A text that the server can take: without NUL, and without halves of a character. */
export function plainText(value: unknown): string | undefined {
  return typeof value === 'string' && !/\0|\p{Surrogate}/u.test(value) ? value : undefined;
}

function textual(cast: string): Comparable {
  return { cast, expects: 'a text without NUL', toText: plainText };
}

function ofText(cast: string, expects: string, toServer: (text: string) => string | undefined): Comparable {
  return { cast, expects, toText: (value) => (typeof value === 'string' ? toServer(value) : undefined) };
}

function integral(cast: string, bits: bigint): Comparable {
  const end = 2n ** (bits - 1n);
  return {
    cast,
    expects: `a whole number from ${String(-end)} to ${String(end - 1n)}`,
    toText: (value) => {
      const exact = wholeNumber(value);
      return exact === undefined || exact < -end || exact >= end ? undefined : String(exact);
    },
  };
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && integer.test(value) ? BigInt(value) : undefined;
}

function booleanText(value: unknown): string | undefined {
  return typeof value === 'boolean' ? String(value) : undefined;
}

function bytesText(value: unknown): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  return `\\x${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function doubleText(value: unknown): string | undefined {
  if (typeof value !== 'number') return undefined;
  return Object.is(value, -0) ? '-0' : String(value);
}

function singleText(value: unknown): string | undefined {
  if (typeof value !== 'number') return undefined;
  const single = Math.fround(value);
  const isLost = Number.isFinite(value) && (!Number.isFinite(single) || (single === 0 && value !== 0));
  return isLost ? undefined : doubleText(value);
}

function numericText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return typeof value === 'string' && decimal.test(value) ? value : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return plainText(text) !== undefined;
  } catch {
    return false;
  }
}
