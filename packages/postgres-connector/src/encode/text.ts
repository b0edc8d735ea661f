import type { Output } from './output.js';
import { RefusedValue } from './refused-value.js';

/** Longer texts are written faster by one call to the machine: from 20 characters on if they are parts of others, else from 40. */
const mostByLoop = 24;
/** Longer pieces are copied faster by one call to the machine: 46 bytes in 0.1 us, by a loop in 0.2. */
const mostBytesByLoop = 32;

/** Writes the length of a text in UTF-8 and its bytes, which may have others before them. */
export function writeText(output: Output, text: string, prefix?: number): void {
  const extra = prefix === undefined ? 0 : 1;
  const start = output.take(4 + extra + text.length);
  if (prefix !== undefined) output.bytes[start + 4] = prefix;
  const first = start + 4 + extra;
  if (text.length > mostByLoop || !writeAscii(output.bytes, text, first)) {
    output.length = first;
    // No code unit takes more than three bytes.
    output.take(3 * text.length);
    const written = output.bytes.write(text, first, 'utf8');
    // Half of a pair becomes three bytes of another character, so that as many bytes as units are ASCII.
    if (written !== text.length && !isWellFormed(text)) {
      throw new RefusedValue('has half of a surrogate pair, which UTF-8 cannot hold');
    }
    output.length = first + written;
  }
  output.view.setInt32(start, output.length - start - 4);
}

function writeAscii(bytes: Uint8Array, text: string, start: number): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return false;
    bytes[start + index] = code;
  }
  return true;
}

const loneSurrogate = /\p{Surrogate}/u;

function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text);
}

/** Writes a length and the bytes of `source` from `from` to `to`, which may have another one before them. */
export function writeBytes(
  output: Output,
  source: Uint8Array,
  from: number,
  to: number,
  prefix?: number,
): void {
  const extra = prefix === undefined ? 0 : 1;
  const length = to - from;
  let at = output.take(4 + extra + length);
  const { bytes } = output;
  output.view.setInt32(at, length + extra);
  at += 4;
  if (prefix !== undefined) bytes[at++] = prefix;
  if (length > mostBytesByLoop) bytes.set(source.subarray(from, to), at);
  else for (let index = from; index < to; index++) bytes[at++] = source[index] as number;
}
