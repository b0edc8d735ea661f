import type { Output } from './output.js';
import { RefusedValue } from './refused-value.js';

/** PostgreSQL counts from 2000-01-01, Arrow from 1970-01-01. */
export const epochDays = 10_957;
const epochMicroseconds = epochDays * 86_400_000_000;
const epochHigh = Math.floor(epochMicroseconds / 2 ** 32);
const epochLow = epochMicroseconds % 2 ** 32;
const int32Max = 0x7fff_ffff;
const int32Min = -0x8000_0000;
const mostMicroseconds = 2n ** 63n - 1n;
const leastMicroseconds = -(2n ** 63n);

/** Writes a date, from days since 1970. The ends of int32 stand for ±infinity on both sides. */
export function writeDay(output: Output, day: number): void {
  const isInfinite = day === int32Max || day === int32Min;
  if (!isInfinite && day - epochDays <= int32Min)
    throw new RefusedValue('has a date before the first one there is');
  const at = output.take(8);
  output.view.setInt32(at, 4);
  output.view.setInt32(at + 4, isInfinite ? day : day - epochDays);
}

/** Writes a time, from the halves of microseconds since 1970. The ends of int64 stand for ±infinity on both sides. */
export function writeMicroseconds(output: Output, givenHigh: number, givenLow: number): void {
  let high = givenHigh;
  let low = givenLow;
  const isInfinite = (high === int32Max && low === 0xffff_ffff) || (high === int32Min && low === 0);
  if (!isInfinite) {
    low -= epochLow;
    high -= epochHigh;
    if (low < 0) {
      low += 2 ** 32;
      high--;
    }
    if (high < int32Min) throw new RefusedValue('has a time before the first one there is');
  }
  const at = output.take(12);
  const { view } = output;
  view.setInt32(at, 8);
  view.setInt32(at + 4, high);
  view.setUint32(at + 8, low);
}

/** As `writeMicroseconds`, for those that do not fit. */
export function writeBigMicroseconds(output: Output, microseconds: bigint): void {
  if (microseconds >= mostMicroseconds || microseconds <= leastMicroseconds)
    throw new RefusedValue('has a time that 64-bit microseconds since 1970 cannot express');
  writeMicroseconds(output, Number(microseconds >> 32n), Number(microseconds & 0xffff_ffffn));
}

const datePart = /^([+-]?\d{4,7})-(\d\d)-(\d\d)/;
const timePart = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;
/** `2024-01-31T10:00:00.123456`, with and without `Z`. */
const usualLength = 26;

/** Writes a date such as `2024-01-31`, `-000043-03-15` or `infinity`. */
export function writeDateText(output: Output, text: string): void {
  if (text === 'infinity') writeDay(output, int32Max);
  else if (text === '-infinity') writeDay(output, int32Min);
  else {
    const found = datePart.exec(text);
    if (found?.[0].length !== text.length) throw noDate();
    writeDay(output, dayOfParts(found));
  }
}

/** Writes a time such as `2024-01-31T10:00:00.123456`, with `Z` if and only if the column `hasZone`. */
export function writeTimestampText(output: Output, text: string, hasZone: boolean): void {
  if (text === 'infinity') writeMicroseconds(output, int32Max, 0xffff_ffff);
  else if (text === '-infinity') writeMicroseconds(output, int32Min, 0);
  else writeFiniteTimestamp(output, text, hasZone);
}

function writeFiniteTimestamp(output: Output, text: string, hasZone: boolean): void {
  if (text.length === (hasZone ? usualLength + 1 : usualLength) && writeUsualTimestamp(output, text, hasZone))
    return;
  const date = datePart.exec(text);
  const separator = text.charAt(date?.[0].length ?? 0);
  if (date === null || (separator !== 'T' && separator !== ' ')) throw noTimestamp(hasZone);
  if (text.endsWith('Z') !== hasZone) throw noTimestamp(hasZone);
  const ofDay = microsecondsOfDay(text.slice(date[0].length + 1, hasZone ? -1 : undefined));
  if (ofDay >= 86_400_000_000) throw noTimestamp(hasZone);
  writeFromDay(output, dayOfParts(date), ofDay);
}

/** Several times faster than the rest. @returns false for what is not in the usual form, or no time at all */
function writeUsualTimestamp(output: Output, text: string, hasZone: boolean): boolean {
  const year = 100 * twoDigits(text, 0) + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hours = twoDigits(text, 11);
  const minutes = twoDigits(text, 14);
  const seconds = twoDigits(text, 17);
  const fraction = 10_000 * twoDigits(text, 20) + 100 * twoDigits(text, 22) + twoDigits(text, 24);
  const isUsual =
    // NaN where there are no digits.
    year + month + day + hours + minutes + seconds + fraction >= 0 &&
    text.charCodeAt(4) === hyphen &&
    text.charCodeAt(7) === hyphen &&
    text.charCodeAt(10) === letterT &&
    text.charCodeAt(13) === colon &&
    text.charCodeAt(16) === colon &&
    text.charCodeAt(19) === point &&
    (!hasZone || text.charCodeAt(usualLength) === letterZ);
  if (!isUsual || hours > 23 || minutes > 59 || seconds > 59) return false;
  writeFromDay(
    output,
    dayOf(year, month, day),
    ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction,
  );
  return true;
}

const [hyphen, letterT, colon, point, letterZ] = [0x2d, 0x54, 0x3a, 0x2e, 0x5a];
const zero = 0x30;

function twoDigits(text: string, at: number): number {
  const first = text.charCodeAt(at) - zero;
  const second = text.charCodeAt(at + 1) - zero;
  return first >= 0 && first <= 9 && second >= 0 && second <= 9 ? 10 * first + second : NaN;
}

/** Writes a time of day such as `10:00:00.123456`; 24:00:00 is one too. */
export function writeTimeText(output: Output, text: string): void {
  writeTimeOfDay(output, microsecondsOfDay(text));
}

/** Writes a time of day, from microseconds since midnight. */
export function writeTimeOfDay(output: Output, microseconds: number): void {
  if (microseconds < 0 || microseconds > 86_400_000_000) throw noTime();
  const at = output.take(12);
  const { view } = output;
  view.setInt32(at, 8);
  view.setInt32(at + 4, Math.floor(microseconds / 2 ** 32));
  view.setUint32(at + 8, microseconds % 2 ** 32);
}

function writeFromDay(output: Output, day: number, ofDay: number): void {
  const microseconds = day * 86_400_000_000 + ofDay;
  if (Number.isSafeInteger(microseconds)) {
    const high = Math.floor(microseconds / 2 ** 32);
    writeMicroseconds(output, high, microseconds - high * 2 ** 32);
  } else writeBigMicroseconds(output, BigInt(day) * 86_400_000_000n + BigInt(ofDay));
}

function microsecondsOfDay(text: string): number {
  const [, hours, minutes, seconds = '0', fraction = ''] = timePart.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) throw noTime();
  if (Number(minutes) > 59 || Number(seconds) > 59) throw noTime();
  if (/[^0]/.test(fraction.slice(6))) throw finerThanMicroseconds();
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

export function finerThanMicroseconds(): RefusedValue {
  return new RefusedValue('has a time that is finer than the microseconds that PostgreSQL keeps');
}

function dayOfParts([, year, month, day]: RegExpExecArray): number {
  return dayOf(Number(year), Number(month), Number(day));
}

/** Days since 1970, in the proleptic Gregorian calendar. */
function dayOf(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) throw noDate();
  // Counted from March, so that the leap day comes last.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function noDate(): RefusedValue {
  return new RefusedValue('has a text that is no date; it must be like 2024-01-31');
}

function noTime(): RefusedValue {
  return new RefusedValue('has a text that is no time of a day; it must be like 10:00:00.123456');
}

function noTimestamp(hasZone: boolean): RefusedValue {
  const example = `2024-01-31T10:00:00.123456${hasZone ? 'Z' : ''}`;
  const zone = hasZone ? 'with' : 'without';
  return new RefusedValue(`has a text that is no time ${zone} time zone; it must be like ${example}`);
}
