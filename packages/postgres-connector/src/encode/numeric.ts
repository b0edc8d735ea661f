import type { Output } from './output.js';
import { RefusedValue } from './refused-value.js';

/**
 * The binary form of `numeric`: uint16 count of base-10000 digits, int16 weight (the power of 10000 of the first),
 * uint16 sign, uint16 display scale, then the digits.
 */
const headerBytes = 8;
const negative = 0x4000;
const specials: ReadonlyMap<string, number> = new Map([
  ['nan', 0xc000],
  ['infinity', 0xd000],
  ['+infinity', 0xd000],
  ['inf', 0xd000],
  ['-infinity', 0xf000],
  ['-inf', 0xf000],
]);
/** Most digits behind the point that `writeSmallScaled` takes. */
export const mostSmallScale = 12;
const [zero, minus, point] = [0x30, 0x2d, 0x2e];
const mostWeight = 0x7fff;
const mostScale = 0x3fff;

const decimal = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?\s*$/;

/** Writes the exact value of a text such as `-12.50`, `1e-7`, `NaN` or `Infinity`, with as many digits as it has. */
export function writeNumericText(output: Output, text: string): void {
  if (text.length > mostShortText || !writeShortText(output, text)) writeAnyText(output, text);
}

/** Of this many characters all can be digits of a safe integer. */
const mostShortText = 15;

/** Without a copy of any part. @returns false for what is not a plain number, or has too many digits behind the point */
function writeShortText(output: Output, text: string): boolean {
  const isNegative = text.charCodeAt(0) === minus;
  const first = isNegative ? 1 : 0;
  let value = 0;
  let pointAt = text.length;
  for (let index = first; index < text.length; index++) {
    const digit = text.charCodeAt(index) - zero;
    if (digit >= 0 && digit <= 9) value = 10 * value + digit;
    else if (digit === point - zero && pointAt === text.length) pointAt = index;
    else return false;
  }
  const scale = Math.max(0, text.length - pointAt - 1);
  const digits = text.length - first - (pointAt < text.length ? 1 : 0);
  if (digits === 0 || scale > mostSmallScale) return false;
  writeSmallScaled(output, isNegative ? -value : value, scale);
  return true;
}

function writeAnyText(output: Output, text: string): void {
  const [, sign, whole = '', fraction = '', exponent = '0'] = decimal.exec(text) ?? [];
  if (sign === undefined || whole.length + fraction.length === 0) {
    const special = specials.get(text.trim().toLowerCase());
    if (special === undefined) throw new RefusedValue('has a text that is no number');
    writeHeader(output, 0, 0, special, 0);
    return;
  }
  const power = Number(exponent);
  const digits = whole + fraction;
  // The place of the point among the digits, and how many of them are behind it.
  const pointAt = whole.length + power;
  writeDigits(output, digits, pointAt, Math.max(0, fraction.length - power), sign === '-');
}

/** Writes `value` times 10^-`scale`. */
export function writeScaled(output: Output, value: bigint, scale: number): void {
  const digits = String(value < 0n ? -value : value);
  writeDigits(output, digits, digits.length - scale, Math.max(0, scale), value < 0n);
}

/** As `writeScaled`, for a safe integer and a scale from 0 to `mostSmallScale`. */
export function writeSmallScaled(output: Output, value: number, scale: number): void {
  const magnitude = Math.abs(value);
  const divisor = powers[scale] ?? 1;
  let whole = Math.floor(magnitude / divisor);
  // Four digits to a group, counted from the point.
  const groupsBehind = (scale + 3) >> 2;
  let behind = (magnitude - whole * divisor) * (powers[4 * groupsBehind - scale] ?? 1);
  let last = groupsBehind;
  while (last > 0 && behind % 10_000 === 0) {
    behind /= 10_000;
    last--;
  }
  let groupsBefore = 0;
  for (let rest = whole; rest > 0; rest = Math.floor(rest / 10_000)) groupsBefore++;
  // Groups of zeros at the end are told by the weight.
  let written = groupsBefore;
  for (; last === 0 && whole > 0 && whole % 10_000 === 0; whole /= 10_000) written--;
  let first = 0;
  if (groupsBefore === 0) {
    // Groups of zeros right behind the point are told by the weight.
    for (let limit = 10_000 ** (last - 1); first < last && behind < limit; limit /= 10_000) first++;
    if (behind === 0) first = last;
  }
  const count = written + last - first;
  const weight = count === 0 ? 0 : groupsBefore - 1 - first;
  const at = writeHeader(output, count, weight, value < 0 ? negative : 0, scale);
  const { view } = output;
  let end = at + 2 * count;
  for (let group = last; group > first; group--) {
    end -= 2;
    view.setUint16(end, behind % 10_000);
    behind = Math.floor(behind / 10_000);
  }
  for (let group = 0; group < written; group++) {
    end -= 2;
    view.setUint16(end, whole % 10_000);
    whole = Math.floor(whole / 10_000);
  }
}

const powers = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/** @param pointAt - How many of the digits are before the point; negative if zeros are missing between them. */
function writeDigits(
  output: Output,
  digits: string,
  pointAt: number,
  displayScale: number,
  isNegative: boolean,
): void {
  let first = 0;
  while (first < digits.length && digits.charCodeAt(first) === zero) first++;
  let end = digits.length;
  while (end > first && digits.charCodeAt(end - 1) === zero) end--;
  if (displayScale > mostScale) throw tooLarge();
  if (first === end) {
    writeHeader(output, 0, 0, 0, displayScale);
    return;
  }
  // Powers of 10000: of the first digit that is not zero, and of the last one.
  const weight = Math.floor((pointAt - first - 1) / 4);
  const lastWeight = Math.floor((pointAt - end) / 4);
  if (weight > mostWeight) throw tooLarge();
  const count = weight - lastWeight + 1;
  let at = writeHeader(output, count, weight, isNegative ? negative : 0, displayScale);
  for (let group = weight; group >= lastWeight; group--) {
    let value = 0;
    const start = pointAt - 4 * (group + 1);
    for (let index = start; index < start + 4; index++) {
      const isThere = index >= 0 && index < digits.length;
      value = 10 * value + (isThere ? digits.charCodeAt(index) - zero : 0);
    }
    output.view.setUint16(at, value);
    at += 2;
  }
}

/** Returns where the digits begin, for which room is made. */
function writeHeader(
  output: Output,
  count: number,
  weight: number,
  sign: number,
  displayScale: number,
): number {
  const at = output.take(4 + headerBytes + 2 * count);
  const { view } = output;
  view.setInt32(at, headerBytes + 2 * count);
  view.setUint16(at + 4, count);
  view.setInt16(at + 6, weight);
  view.setUint16(at + 8, sign);
  view.setUint16(at + 10, displayScale);
  return at + 4 + headerBytes;
}

function tooLarge(): RefusedValue {
  return new RefusedValue('has a number with more digits than numeric can have');
}
