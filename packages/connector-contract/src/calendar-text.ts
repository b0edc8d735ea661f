const dayMs = 86_400_000;
const zero = 0x30;

/** Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar, for any safe integer. */
function civilDate(day: number): { readonly year: number; readonly month: number; readonly day: number } {
  // The calendar repeats every 400 years, counted here from 0000-03-01, so that the leap day comes last.
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/**
 * `YYYY-MM-DD` of a day counted from 1970-01-01. A year outside 0 to 9999 has a sign and six digits, as ISO 8601 and
 * JavaScript have it; the year before 1 is 0.
 */
export function dateText(day: number): string {
  const date = civilDate(day);
  return `${yearText(date.year)}-${padded(date.month, 2)}-${padded(date.day, 2)}`;
}

/**
 * ISO 8601 text of a time counted from 1970-01-01T00:00:00 in units of 10^-`fractionDigits` seconds. The fraction has
 * exactly that many digits.
 */
export function timestampText(value: bigint, fractionDigits: number): string {
  const unitsPerDay = 86_400n * 10n ** BigInt(fractionDigits);
  const day = floorDivide(value, unitsPerDay);
  return `${dateText(Number(day))}T${timeFormat(fractionDigits)(Number(value - day * unitsPerDay))}`;
}

/**
 * Gives `HH:MM:SS` of a time of day counted in units of 10^-`fractionDigits` seconds, with a fraction of exactly that many digits:
 * 0, 3, 6 or 9. The end of the day is 24:00:00.
 */
export function timeFormat(fractionDigits: number): (ofDay: number) => string {
  const clock = new ClockText(fractionDigits, '');
  return (ofDay) => clock.at(ofDay);
}

/** Gives what `timestampText` gives, and `zone` after it, for a day counted from 1970-01-01 and a time of that day. */
export function timestampFormat(
  fractionDigits: number,
  zone: string,
): (day: number, ofDay: number) => string {
  const clock = new ClockText(fractionDigits, zone);
  // Rows that follow each other are often of one day.
  let lastDay = NaN;
  return (day, ofDay) => {
    if (day !== lastDay) {
      lastDay = day;
      clock.begin(`${dateText(day)}T`);
    }
    return clock.at(ofDay);
  };
}

/** The codes of the digits of 0 to 999. */
const [hundreds, tens, ones] = [100, 10, 1].map((place) => {
  return Uint8Array.from({ length: 1000 }, (_, value) => zero + (Math.floor(value / place) % 10));
}) as [Uint8Array, Uint8Array, Uint8Array];

/** Longer than any date that can be counted in safe integers. */
const mostBefore = 32;
const fractionStart = mostBefore + 'HH:MM:SS.'.length;

/**
 * Times of day, each one flat text that is cut from bytes. Joined from its parts a text is made a little faster, but the first who
 * looks into it has to flatten it: of rows that were kept for a while, that took several times as long as all the rest.
 */
class ClockText {
  readonly #bytes = Buffer.alloc(64);
  readonly #unitsPerSecond: number;
  readonly #fractionEnd: number;
  readonly #end: number;
  #start = mostBefore;

  constructor(fractionDigits: number, after: string) {
    this.#unitsPerSecond = 10 ** fractionDigits;
    const pattern = `00:00:00${fractionDigits === 0 ? '' : '.'}${'0'.repeat(fractionDigits)}`;
    this.#fractionEnd = mostBefore + pattern.length;
    this.#end = mostBefore + this.#bytes.write(pattern + after, mostBefore, 'latin1');
  }

  /** What is before the time. */
  begin(before: string): void {
    this.#start = mostBefore - before.length;
    this.#bytes.write(before, this.#start, 'latin1');
  }

  at(ofDay: number): string {
    const bytes = this.#bytes;
    const second = Math.floor(ofDay / this.#unitsPerSecond);
    const minute = Math.floor(second / 60);
    const hour = Math.floor(minute / 60);
    this.#put(mostBefore, hour);
    this.#put(mostBefore + 3, minute - 60 * hour);
    this.#put(mostBefore + 6, second - 60 * minute);
    let fraction = ofDay - second * this.#unitsPerSecond;
    for (let end = this.#fractionEnd; end > fractionStart; end -= 3) {
      const rest = Math.floor(fraction / 1000);
      const group = fraction - 1000 * rest;
      bytes[end - 3] = hundreds[group] as number;
      bytes[end - 2] = tens[group] as number;
      bytes[end - 1] = ones[group] as number;
      fraction = rest;
    }
    return bytes.toString('latin1', this.#start, this.#end);
  }

  #put(at: number, twoDigits: number): void {
    this.#bytes[at] = tens[twoDigits] as number;
    this.#bytes[at + 1] = ones[twoDigits] as number;
  }
}

/** The day on which a time in milliseconds since 1970 lies. */
export function dayOfMs(ms: bigint): number {
  return Number(floorDivide(ms, BigInt(dayMs)));
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return padded(year, 4);
  return `${year < 0 ? '-' : '+'}${padded(Math.abs(year), 6)}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
