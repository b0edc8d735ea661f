import { DataType, type Float, Precision } from 'apache-arrow';
import type { ColumnWriter } from './column-writers.js';
import { mostSmallScale, writeNumericText, writeScaled, writeSmallScaled } from './numeric.js';
import type { Output } from './output.js';
import { RefusedValue } from './refused-value.js';

const mostExactBits = 24;

/** Floats of up to 64 bits, and integers that each of them holds exactly. */
export function floatWriter(type: DataType, bytes: 4 | 8): ColumnWriter | undefined {
  const isFloat = DataType.isFloat(type) && type.precision !== Precision.HALF;
  const isExact = DataType.isInt(type) && type.bitWidth <= (bytes === 8 ? 32 : mostExactBits);
  if (!isFloat && !isExact) return undefined;
  const write = bytes === 8 ? writeFloat8 : writeFloat4;
  return ({ values }) => {
    const numbers = values as ArrayLike<number>;
    return (output, row) => {
      write(output, numbers[row] as number);
    };
  };
}

export function writeFloat8(output: Output, value: number): void {
  const at = output.take(12);
  output.view.setInt32(at, 8);
  output.view.setFloat64(at + 4, value);
}

/** Rounds to the nearest, as the server does. */
export function writeFloat4(output: Output, value: number): void {
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
    throw new RefusedValue('has a value that is too large for real');
  }
  const at = output.take(8);
  output.view.setInt32(at, 4);
  output.view.setFloat32(at + 4, value);
}

/** The shortest number that is read back as the same float. */
export function numericOfFloat(type: Float): ColumnWriter | undefined {
  if (type.precision === Precision.HALF) return undefined;
  return ({ values }) => {
    const numbers = values as ArrayLike<number>;
    return (output, row) => {
      writeNumericText(output, String(numbers[row]));
    };
  };
}

/** Decimals of any width and scale. */
export function decimalWriter(wordsPerValue: number, scale: number): ColumnWriter {
  const isSmallScale = scale >= 0 && scale <= mostSmallScale;
  return ({ values }) => {
    const given = values as Uint32Array;
    const words = new Int32Array(given.buffer, given.byteOffset, given.length);
    return (output, row) => {
      const first = row * wordsPerValue;
      const low = words[first] as number;
      const high = words[first + 1] as number;
      const sign = high >> 31;
      let isSmall = isSmallScale && high < 2 ** 20 && high >= -(2 ** 20);
      for (let word = first + 2; word < first + wordsPerValue; word++) {
        isSmall = isSmall && words[word] === sign;
      }
      if (isSmall) writeSmallScaled(output, high * 2 ** 32 + (low >>> 0), scale);
      else writeScaled(output, bigOf(words, first, wordsPerValue), scale);
    };
  };
}

function bigOf(words: Int32Array, first: number, count: number): bigint {
  let value = 0n;
  for (let word = first + count - 1; word >= first; word--) {
    value = (value << 32n) | BigInt((words[word] as number) >>> 0);
  }
  return BigInt.asIntN(32 * count, value);
}
