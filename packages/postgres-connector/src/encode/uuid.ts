import type { Output } from './output.js';
import { RefusedValue } from './refused-value.js';

const hyphens: ReadonlySet<number> = new Set([8, 13, 18, 23]);
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** Writes a text such as `6f2c1a4e-8d3b-4c5d-9e6f-0a1b2c3d4e5f`. */
export function writeUuidText(output: Output, text: string): void {
  if (!uuid.test(text)) throw new RefusedValue('has a text that is no uuid');
  let at = output.take(20);
  output.view.setInt32(at, 16);
  at += 4;
  for (let index = 0; index < 36; index += 2) {
    if (hyphens.has(index)) index++;
    output.bytes[at++] = (hexDigit(text, index) << 4) | hexDigit(text, index + 1);
  }
}

function hexDigit(text: string, index: number): number {
  const code = text.charCodeAt(index);
  // Letters of both cases have the same last four bits, one to six.
  return code < 0x40 ? code - 0x30 : (code & 0x0f) + 9;
}
