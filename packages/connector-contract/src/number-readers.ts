import type { Data, Decimal, Int } from 'apache-arrow';
import { exactNumber } from './exact-number.js';
import { unrepresentable } from './row-error.js';
import type { Get, ReadFor } from './value-reader.js';

const highUnit = 2 ** 32;
/** Made once: this is the scale of most money. */
const hundredths = Array.from({ length: 100 }, (_, fraction) => `.${String(fraction).padStart(2, '0')}`);

/** @throws ConnectorError `invalid-data` where a number is asked for that would lose digits. */
export function int64Reader(data: Data, { isSigned }: Int, { options, column }: ReadFor): Get {
  const values = data.values as BigInt64Array | BigUint64Array;
  if (options.int64 === 'bigint') return (index) => values[index];
  const small = smallReader(halvesOf(values), 2, isSigned);
  if (options.int64 === 'text') return (index) => String(small(index) ?? values[index]);
  return (index) => {
    const value = small(index);
    if (value !== undefined) return value;
    throw unrepresentable(column, "holds an integer beyond 2^53; read it as int64: 'bigint' or 'text'");
  };
}

/** @throws ConnectorError `invalid-data` where a number is asked for that would lose digits. */
export function decimalReader(data: Data, { bitWidth, scale }: Decimal, { options, column }: ReadFor): Get {
  const words = data.values as Uint32Array;
  const get = decimalTextReader(words, bitWidth / 32, scale);
  if (options.decimal === 'text') return get;
  return (index) => {
    const number = exactNumber(get(index));
    if (number !== undefined) return number;
    throw unrepresentable(
      column,
      "holds a decimal with more digits than a number has; read it as decimal: 'text'",
    );
  };
}

function decimalTextReader(words: Uint32Array, wordsPerValue: number, scale: number): Get<string> {
  const small = smallReader(
    new Int32Array(words.buffer, words.byteOffset, words.length),
    wordsPerValue,
    true,
  );
  const unit = 10 ** scale;
  const mayBeSmall = scale > 0 && scale <= 15 && wordsPerValue > 1;
  return (index) => {
    const value = mayBeSmall ? small(index) : undefined;
    if (value === undefined) return decimalText(largeValue(words, wordsPerValue, index), scale);
    const positive = Math.abs(value);
    // Of whole numbers below 2^53 no quotient is rounded to a whole number that it is not.
    const whole = Math.floor(positive / unit);
    const fraction = positive - whole * unit;
    // With a 1 before it, a fraction keeps its leading zeros.
    const text =
      String(whole) +
      (scale === 2 ? (hundredths[fraction] as string) : `.${String(unit + fraction).slice(1)}`);
    return value < 0 ? `-${text}` : text;
  };
}

function largeValue(words: Uint32Array, wordsPerValue: number, index: number): bigint {
  let value = 0n;
  for (let word = wordsPerValue - 1; word >= 0; word--) {
    value = (value << 32n) | BigInt(words[index * wordsPerValue + word] as number);
  }
  return BigInt.asIntN(32 * wordsPerValue, value);
}

function decimalText(value: bigint, scale: number): string {
  if (scale <= 0) return String(value * 10n ** BigInt(-scale));
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The two halves of each value, the lower first, over the same memory. */
export function halvesOf({ buffer, byteOffset, length }: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(buffer, byteOffset, 2 * length);
}

/** Gives whole numbers of two words or more that are safe as numbers, without making a bigint; `undefined` for others. */
export function smallReader(
  words: Int32Array,
  wordsPerValue: number,
  isSigned: boolean,
): Get<number | undefined> {
  return (index) => {
    const start = index * wordsPerValue;
    const high = words[start + 1] as number;
    const sign = isSigned ? high >> 31 : 0;
    for (let at = start + wordsPerValue - 1; at > start + 1; at--) if (words[at] !== sign) return undefined;
    const value = (isSigned ? high : high >>> 0) * highUnit + ((words[start] as number) >>> 0);
    return Number.isSafeInteger(value) ? value : undefined;
  };
}
