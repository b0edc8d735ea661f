/**
 * The binary form of `numeric`: uint16 count of base-10000 digits, int16 weight (the power of 10000 of the first),
 * uint16 sign, uint16 display scale, then the digits.
 */
export const headerBytes = 8;
export const signs = { positive: 0, negative: 0x4000, nan: 0xc000, infinity: 0xd000, minusInfinity: 0xf000 };
const knownSigns: ReadonlySet<number> = new Set(Object.values(signs));

const zero = 0x30;
const point = 0x2e;
const minus = 0x2d;

/** Says whether the field at `position`, after its length word, is a well-formed numeric of `length` bytes. */
export function isNumeric(view: DataView, position: number, length: number): boolean {
  if (length < headerBytes) return false;
  const digits = view.getUint16(position);
  if (length !== headerBytes + 2 * digits) return false;
  if (!knownSigns.has(view.getUint16(position + 4))) return false;
  for (let at = position + headerBytes, end = position + length; at < end; at += 2) {
    if (view.getUint16(at) > 9999) return false;
  }
  return true;
}

/**
 * The value times 10^`scale`.
 *
 * @returns `undefined` if that is no whole number, or NaN or infinite.
 */
export function scaledValue(view: DataView, position: number, scale: number): bigint | undefined {
  const digits = view.getUint16(position);
  const sign = view.getUint16(position + 4);
  if (sign !== signs.positive && sign !== signs.negative) return undefined;
  let value = 0n;
  for (let index = 0; index < digits; index++) {
    value = value * 10_000n + BigInt(view.getUint16(position + headerBytes + 2 * index));
  }
  const exponent = (view.getInt16(position + 2) - digits + 1) * 4 + scale;
  if (exponent >= 0) value *= 10n ** BigInt(exponent);
  else {
    const divisor = 10n ** BigInt(-exponent);
    if (value % divisor !== 0n) return undefined;
    value /= divisor;
  }
  return sign === signs.negative ? -value : value;
}

/** Most bytes that the text of the numeric at `position` can take: a weight of 32767 is 131072 digits in ten bytes. */
export function mostTextBytes(view: DataView, position: number): number {
  return 4 * Math.max(0, view.getInt16(position + 2) + 1) + view.getUint16(position + 6) + 16;
}

/**
 * Writes the text of the numeric at `position`, as the server would print it, and returns where it ends.
 * The target has room for `mostTextBytes`.
 */
export function writeNumericText(
  view: DataView,
  position: number,
  target: Uint8Array,
  start: number,
): number {
  const digits = view.getUint16(position);
  const weight = view.getInt16(position + 2);
  const sign = view.getUint16(position + 4);
  const displayScale = view.getUint16(position + 6) & 0x3fff;
  const word = notNumbers.get(sign);
  if (word !== undefined) return writeAscii(word, target, start);

  let at = start;
  if (sign === signs.negative) target[at++] = minus;
  const digit = (index: number): number =>
    index >= 0 && index < digits ? view.getUint16(position + headerBytes + 2 * index) : 0;

  if (weight < 0) target[at++] = zero;
  else at = writeInteger(digit(0), target, at);
  for (let index = 1; index <= weight; index++) at = writeFour(digit(index), target, at);
  if (displayScale === 0) return at;

  target[at++] = point;
  const end = at + displayScale;
  for (let index = weight + 1; at < end; index++) at = writeFour(digit(index), target, at);
  return end;
}

const notNumbers: ReadonlyMap<number, string> = new Map([
  [signs.nan, 'NaN'],
  [signs.infinity, 'Infinity'],
  [signs.minusInfinity, '-Infinity'],
]);

function writeAscii(text: string, target: Uint8Array, start: number): number {
  for (let index = 0; index < text.length; index++) target[start + index] = text.charCodeAt(index);
  return start + text.length;
}

function writeInteger(value: number, target: Uint8Array, start: number): number {
  return writeAscii(String(value), target, start);
}

function writeFour(value: number, target: Uint8Array, at: number): number {
  target[at] = zero + Math.floor(value / 1000);
  target[at + 1] = zero + (Math.floor(value / 100) % 10);
  target[at + 2] = zero + (Math.floor(value / 10) % 10);
  target[at + 3] = zero + (value % 10);
  return at + 4;
}
