import { DataType } from 'apache-arrow';
import type { ColumnWriter, WriteField } from './column-writers.js';
import { writeScaled, writeSmallScaled } from './numeric.js';
import type { Output } from './output.js';
import { RefusedValue } from './refused-value.js';

/** The width of an integer column in bytes, or that it is `numeric`. */
export type IntegerTarget = 2 | 4 | 8 | 'numeric';

const names = { 2: 'smallint', 4: 'integer', 8: 'bigint' } as const;

/** Integers of any width. One that does not fit is refused. */
export function integerWriter(type: DataType, target: IntegerTarget): ColumnWriter | undefined {
  if (!DataType.isInt(type)) return undefined;
  if (type.bitWidth === 64) return bigWriter(type.isSigned, target);
  return ({ values }) => narrow(values as ArrayLike<number>, target);
}

function narrow(numbers: ArrayLike<number>, target: IntegerTarget): WriteField {
  const value = (row: number): number => numbers[row] as number;
  if (target === 2) return (output, row) => writeInt2(output, value(row));
  if (target === 4) return (output, row) => writeInt4(output, value(row));
  if (target === 8) return (output, row) => writeInt8(output, value(row));
  return (output, row) => writeSmallScaled(output, value(row), 0);
}

function bigWriter(isSigned: boolean, target: IntegerTarget): ColumnWriter {
  return ({ values }) => {
    const bigs = values as BigInt64Array | BigUint64Array;
    // Two numbers, the low one first, are read several times faster than one bigint.
    const halves = new Int32Array(bigs.buffer, bigs.byteOffset, 2 * bigs.length);
    if (target === 'numeric') return (output, row) => writeScaled(output, bigs[row] as bigint, 0);
    return (output, row) => {
      const low = halves[2 * row] as number;
      const high = halves[2 * row + 1] as number;
      if (!isSigned && high < 0) throw outOfRange(target);
      if (target === 8) {
        const at = output.take(12);
        output.view.setInt32(at, 8);
        output.view.setInt32(at + 4, high);
        output.view.setInt32(at + 8, low);
        return;
      }
      if (high !== low >> 31) throw outOfRange(target);
      if (target === 4) writeInt4(output, low);
      else writeInt2(output, low);
    };
  };
}

/** Identifiers of the server, such as `oid` and `xid8`: columns that have no sign, of their own width. */
export function unsignedWriter(type: DataType, width: 4 | 8): ColumnWriter | undefined {
  if (!DataType.isInt(type) || type.isSigned || type.bitWidth !== 8 * width) return undefined;
  return ({ values }) =>
    (output, row) => {
      const at = output.take(4 + width);
      output.view.setInt32(at, width);
      if (width === 4) output.view.setUint32(at + 4, (values as Uint32Array)[row] as number);
      else output.view.setBigUint64(at + 4, (values as BigUint64Array)[row] as bigint);
    };
}

export function writeInt2(output: Output, value: number): void {
  if (value !== (value << 16) >> 16) throw outOfRange(2);
  const at = output.take(6);
  output.view.setInt32(at, 2);
  output.view.setInt16(at + 4, value);
}

export function writeInt4(output: Output, value: number): void {
  if (value !== (value | 0)) throw outOfRange(4);
  const at = output.take(8);
  output.view.setInt32(at, 4);
  output.view.setInt32(at + 4, value);
}

/** For a safe integer. */
export function writeInt8(output: Output, value: number): void {
  if (!Number.isSafeInteger(value)) throw outOfRange(8);
  const at = output.take(12);
  const high = Math.floor(value / 2 ** 32);
  output.view.setInt32(at, 8);
  output.view.setInt32(at + 4, high);
  output.view.setUint32(at + 8, value - high * 2 ** 32);
}

export function writeBigInt8(output: Output, value: bigint): void {
  if (value !== BigInt.asIntN(64, value)) throw outOfRange(8);
  const at = output.take(12);
  output.view.setInt32(at, 8);
  output.view.setBigInt64(at + 4, value);
}

function outOfRange(target: 2 | 4 | 8): RefusedValue {
  const bits = BigInt(8 * target - 1);
  const range = `${String(-(2n ** bits))} to ${String(2n ** bits - 1n)}`;
  return new RefusedValue(`has a value that is no ${names[target]}, which is a whole number from ${range}`);
}
