import { dateText, hundreds, ones, tens } from './calendar-text.js';

const blockBytes = 4096;
const [pattern, clockAt] = ['YYYY-MM-DDTHH:MM:SS', 'YYYY-MM-DDT'.length];

/**
 * Gives what `timestampText` gives of the value at an index, and `zone` after it; `undefined` where that is up to the caller: for what
 * is no safe integer, and years outside 0 to 9999.
 *
 * Many values are written at once, those after the one that is asked for too, and texts are cut from that. Each by itself took
 * twice as long; joined from parts, a text that had been kept took longer to be looked into than all the rest.
 *
 * @param rows - How many values there are.
 * @param valueAt - Counted from 1970-01-01T00:00:00 in units of 10^-`fractionDigits` seconds.
 * @param fractionDigits - 0, 3, 6 or 9.
 */
export function timestampTexts(
  rows: number,
  valueAt: (index: number) => number | undefined,
  fractionDigits: number,
  zone: string,
): (index: number) => string | undefined {
  const unitsPerSecond = 10 ** fractionDigits;
  const unitsPerDay = 86_400 * unitsPerSecond;
  const fraction = fractionDigits === 0 ? '' : `.${'0'.repeat(fractionDigits)}`;
  const length = pattern.length + fraction.length + zone.length;
  const mostInBlock = Math.floor(blockBytes / length);
  // All but the digits is the same in every text.
  const bytes = Buffer.from(`0000-00-00T00:00:00${fraction}${zone}`.repeat(Math.min(rows, mostInBlock)));
  let first = 0;
  let count = 0;
  let block = '';
  // Rows that follow each other are often of one day.
  let lastDay = NaN;
  let date = new Uint8Array(0);

  const putDate = (at: number, day: number): boolean => {
    if (day !== lastDay) {
      lastDay = day;
      date = Buffer.from(dateText(day), 'latin1');
    }
    if (date.length >= clockAt) return false;
    for (let index = 0; index < date.length; index++) bytes[at + index] = date[index] as number;
    return true;
  };

  const putTwo = (at: number, value: number): void => {
    bytes[at] = tens[value] as number;
    bytes[at + 1] = ones[value] as number;
  };

  const putClock = (at: number, ofDay: number): void => {
    const second = Math.floor(ofDay / unitsPerSecond);
    const minute = Math.floor(second / 60);
    const hour = Math.floor(minute / 60);
    putTwo(at, hour);
    putTwo(at + 3, minute - 60 * hour);
    putTwo(at + 6, second - 60 * minute);
    let rest = ofDay - second * unitsPerSecond;
    for (let group = at + 6 + fractionDigits; group > at + 8; group -= 3) {
      const higher = Math.floor(rest / 1000);
      const value = rest - 1000 * higher;
      bytes[group] = hundreds[value] as number;
      bytes[group + 1] = tens[value] as number;
      bytes[group + 2] = ones[value] as number;
      rest = higher;
    }
  };

  const fill = (from: number): void => {
    first = from;
    count = 0;
    for (let at = 0; count < mostInBlock && first + count < rows; at += length, count++) {
      const value = valueAt(first + count);
      if (value === undefined) break;
      // Of whole numbers below 2^53 no quotient is rounded to a whole number that it is not.
      const day = Math.floor(value / unitsPerDay);
      if (!putDate(at, day)) break;
      putClock(at + clockAt, value - day * unitsPerDay);
    }
    block = bytes.toString('latin1', 0, count * length);
  };

  return (index) => {
    if (index < first || index >= first + count) fill(index);
    if (count === 0) return undefined;
    const start = (index - first) * length;
    return block.slice(start, start + length);
  };
}
