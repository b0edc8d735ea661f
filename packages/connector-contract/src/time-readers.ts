import { type Data, type Interval, IntervalUnit, type Time, type Timestamp, TimeUnit } from 'apache-arrow';
import { dateText, dayOfMs, timeFormat, timestampText } from './calendar-text.js';
import { intervalText } from './interval-text.js';
import { halvesOf, smallReader } from './number-readers.js';
import { timestampTexts } from './timestamp-text.js';
import type { Get } from './value-reader.js';

const int32Max = 0x7fff_ffff;
const int32Min = -0x8000_0000;
const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

const fractionDigits: ReadonlyMap<TimeUnit, number> = new Map([
  [TimeUnit.SECOND, 0],
  [TimeUnit.MILLISECOND, 3],
  [TimeUnit.MICROSECOND, 6],
  [TimeUnit.NANOSECOND, 9],
]);

export function timestampReader(data: Data, type: Timestamp): Get {
  const values = data.values as BigInt64Array;
  const digits = fractionDigits.get(type.unit) ?? 0;
  const zone = typeof type.timezone === 'string' ? 'Z' : '';
  const usual = timestampTexts(data.length, smallReader(halvesOf(values), 2, true), digits, zone);
  return (index) => usual(index) ?? anyTimestamp(values[index] as bigint, digits, zone);
}

function anyTimestamp(value: bigint, digits: number, zone: string): string {
  if (value === int64Max) return 'infinity';
  return value === int64Min ? '-infinity' : timestampText(value, digits) + zone;
}

export function dateReader(data: Data): Get {
  const values: unknown = data.values;
  if (values instanceof BigInt64Array) return (index) => dateText(dayOfMs(values[index] as bigint));
  const days = values as Int32Array;
  return (index) => {
    const day = days[index] as number;
    if (day === int32Max) return 'infinity';
    return day === int32Min ? '-infinity' : dateText(day);
  };
}

export function timeReader(data: Data, { unit }: Time): Get {
  const values = data.values as Int32Array | BigInt64Array;
  const timeText = timeFormat(fractionDigits.get(unit) ?? 0);
  return (index) => timeText(Number(values[index]));
}

/** Months, days and nanoseconds. Where all three are at the end of their integers, they stand for an infinity. */
export function intervalReader(data: Data, { unit }: Interval): Get {
  const words = data.values as Int32Array;
  if (unit === IntervalUnit.YEAR_MONTH) return (index) => intervalText(words[index] as number, 0, 0n);
  if (unit === IntervalUnit.DAY_TIME) {
    return (index) => {
      return intervalText(0, words[2 * index] as number, BigInt(words[2 * index + 1] as number) * 1_000_000n);
    };
  }
  return (index) => {
    const months = words[4 * index] as number;
    const days = words[4 * index + 1] as number;
    const low = BigInt((words[4 * index + 2] as number) >>> 0);
    const nanos = (BigInt(words[4 * index + 3] as number) << 32n) | low;
    if (months === int32Max && days === int32Max && nanos === int64Max) return 'infinity';
    if (months === int32Min && days === int32Min && nanos === int64Min) return '-infinity';
    return intervalText(months, days, nanos);
  };
}
