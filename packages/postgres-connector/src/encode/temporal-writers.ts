import { DataType, IntervalUnit, TimeUnit } from 'apache-arrow';
import {
  finerThanMicroseconds,
  writeBigMicroseconds,
  writeDay,
  writeMicroseconds,
  writeTimeOfDay,
} from './calendar.js';
import type { ColumnWriter } from './column-writers.js';
import type { Output } from './output.js';
import { RefusedValue } from './refused-value.js';

const dayMs = 86_400_000n;
const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

/** Days, or milliseconds that are whole days. */
export function dateWriter(type: DataType): ColumnWriter | undefined {
  if (!DataType.isDate(type)) return undefined;
  return ({ values }) => {
    if (!(values instanceof BigInt64Array)) {
      const days = values as Int32Array;
      return (output, row) => {
        writeDay(output, days[row] as number);
      };
    }
    return (output, row) => {
      const ms = values[row] as bigint;
      if (ms % dayMs !== 0n) throw new RefusedValue('has a time within a day, which a date does not have');
      writeDay(output, Number(ms / dayMs));
    };
  };
}

/** Times with a zone for `timestamptz`, and without one for `timestamp`: which zone was meant is not guessed. */
export function timestampWriter(type: DataType, hasZone: boolean): ColumnWriter | undefined {
  if (!DataType.isTimestamp(type) || (typeof type.timezone === 'string') !== hasZone) return undefined;
  if (type.unit === TimeUnit.MICROSECOND) return microseconds;
  const { unit } = type;
  return ({ values }) => {
    const times = values as BigInt64Array;
    return (output, row) => {
      const time = times[row] as bigint;
      if (time === int64Max) writeMicroseconds(output, 0x7fff_ffff, 0xffff_ffff);
      else if (time === int64Min) writeMicroseconds(output, -0x8000_0000, 0);
      else writeBigMicroseconds(output, toMicroseconds(time, unit));
    };
  };
}

const microseconds: ColumnWriter = ({ values }) => {
  const times = values as BigInt64Array;
  const halves = new Int32Array(times.buffer, times.byteOffset, 2 * times.length);
  return (output, row) => {
    writeMicroseconds(output, halves[2 * row + 1] as number, (halves[2 * row] as number) >>> 0);
  };
};

function toMicroseconds(value: bigint, unit: TimeUnit): bigint {
  if (unit === TimeUnit.SECOND) return value * 1_000_000n;
  if (unit === TimeUnit.MILLISECOND) return value * 1000n;
  if (unit === TimeUnit.MICROSECOND) return value;
  if (value % 1000n !== 0n) throw finerThanMicroseconds();
  return value / 1000n;
}

export function timeWriter(type: DataType): ColumnWriter | undefined {
  if (!DataType.isTime(type)) return undefined;
  const { unit } = type;
  return ({ values }) => {
    const times = values as ArrayLike<number | bigint>;
    return (output, row) => {
      writeTimeOfDay(output, Number(toMicroseconds(BigInt(times[row] as number | bigint), unit)));
    };
  };
}

export function intervalWriter(type: DataType): ColumnWriter | undefined {
  if (!DataType.isInterval(type)) return undefined;
  if (type.unit === IntervalUnit.YEAR_MONTH) {
    return ({ values }) =>
      (output, row) => {
        writeInterval(output, (values as Int32Array)[row] as number, 0, 0n);
      };
  }
  if (type.unit === IntervalUnit.DAY_TIME) {
    return ({ values }) => {
      const parts = values as Int32Array;
      return (output, row) => {
        writeInterval(output, 0, parts[2 * row] as number, 1000n * BigInt(parts[2 * row + 1] as number));
      };
    };
  }
  return ({ values }) => {
    const parts = values as Int32Array;
    const nanoseconds = new BigInt64Array(parts.buffer, parts.byteOffset, parts.length / 2);
    return (output, row) => {
      const ofRow = nanoseconds[2 * row + 1] as bigint;
      // Infinite: the ends of all three parts, here as there. They are no whole microseconds, so nothing else has them.
      const isEnd = ofRow === int64Max || ofRow === -int64Max - 1n;
      const ofDay = isEnd ? ofRow : toMicroseconds(ofRow, TimeUnit.NANOSECOND);
      writeInterval(output, parts[4 * row] as number, parts[4 * row + 1] as number, ofDay);
    };
  };
}

function writeInterval(output: Output, months: number, days: number, ofDay: bigint): void {
  const at = output.take(20);
  const { view } = output;
  view.setInt32(at, 16);
  view.setBigInt64(at + 4, ofDay);
  view.setInt32(at + 12, days);
  view.setInt32(at + 16, months);
}
