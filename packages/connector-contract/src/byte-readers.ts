import type { Data, Field } from 'apache-arrow';
import { isAscii } from 'node:buffer';
import { parseExactly } from './exact-json.js';
import { unrepresentable } from './row-error.js';
import type { Get, ReadFor } from './value-reader.js';

const blockBytes = 4096;

/**
 * Utf8. Arrow's own decoder takes a U+FEFF at the beginning of a text for the mark of an encoding, and drops it.
 *
 * @throws ConnectorError `invalid-data` where JSON is to be parsed that cannot be.
 */
export function textReader(field: Field, data: Data, { options, column }: ReadFor): Get {
  const { values, valueOffsets } = data as {
    readonly values: Uint8Array;
    readonly valueOffsets: Int32Array | BigInt64Array;
  };
  const offsets = valueOffsets instanceof Int32Array ? valueOffsets : Float64Array.from(valueOffsets, Number);
  const textBetween = textWithin(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  const get: Get<string> = (index) => textBetween(offsets[index] as number, offsets[index + 1] as number);
  return isMarked(field, 'arrow.json') && options.json === 'parsed' ? parsedReader(get, column) : get;
}

/**
 * Gives the text of stretches of bytes. ASCII is made a string a block at a time, of which texts are then cut: each by itself took
 * four times as long. A text that is kept keeps the whole of its block, so blocks are small.
 */
function textWithin(bytes: Buffer): (start: number, end: number) => string {
  let blockStart = 0;
  let blockEnd = 0;
  let block: string | undefined;
  return (start, end) => {
    if (start < blockStart || end > blockEnd) {
      if (end - start > blockBytes) return bytes.toString('utf8', start, end);
      blockStart = start;
      blockEnd = Math.min(bytes.length, start + blockBytes);
      const isAsciiBlock = isAscii(bytes.subarray(blockStart, blockEnd));
      block = isAsciiBlock ? bytes.toString('latin1', blockStart, blockEnd) : undefined;
    }
    return block?.slice(start - blockStart, end - blockStart) ?? bytes.toString('utf8', start, end);
  };
}

function parsedReader(get: Get<string>, column: string): Get {
  return (index) => {
    const parsed = parsedOrNot(get(index));
    if (parsed !== undefined) return parsed.value;
    throw unrepresentable(
      column,
      "holds JSON that JavaScript cannot parse without loss; read it as json: 'text'",
    );
  };
}

function parsedOrNot(text: string): { readonly value: unknown } | undefined {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}

/** Bytes as text; any other value as it is. */
export function base64Reader(get: Get): Get {
  return (index) => {
    const value = get(index);
    if (!(value instanceof Uint8Array)) return value;
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  };
}

export function isUuid(field: Field): boolean {
  return isMarked(field, 'arrow.uuid');
}

export function uuidReader(data: Data): Get {
  const bytes = data.values as Uint8Array;
  return (index) => uuidText(bytes, 16 * index);
}

function isMarked(field: Field, extension: string): boolean {
  return field.metadata.get('ARROW:extension:name') === extension;
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
