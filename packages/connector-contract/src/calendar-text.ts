const dayMs = 86_400_000;
const zero = 0x30;
const colon = 0x3a;
const point = 0x2e;

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
 * Gives `HH:MM:SS` of a time of day counted in units of 10^-`fractionDigits` seconds, with a fraction of exactly that many digits,
 * 0 to 9. The end of the day is 24:00:00.
 */
export function timeFormat(fractionDigits: number): (ofDay: number) => string {
  const unitsPerSecond = 10 ** fractionDigits;
  return (ofDay) => {
    const second = Math.floor(ofDay / unitsPerSecond);
    const fraction = ofDay - second * unitsPerSecond;
    const minute = Math.floor(second / 60);
    const hour = Math.floor(minute / 60);
    const minuteOfHour = minute - 60 * hour;
    const secondOfMinute = second - 60 * minute;
    if (fractionDigits === 6) return microsecondText(hour, minuteOfHour, secondOfMinute, fraction);
    const clock = [hour, minuteOfHour, secondOfMinute].map((part) => padded(part, 2)).join(':');
    return fractionDigits === 0 ? clock : `${clock}.${padded(fraction, fractionDigits)}`;
  };
}

/** The codes of the digits of 0 to 999. */
export const [hundreds, tens, ones] = [100, 10, 1].map((place) => {
  return Uint8Array.from({ length: 1000 }, (_, value) => zero + (Math.floor(value / place) % 10));
}) as [Uint8Array, Uint8Array, Uint8Array];

/** In one call, which makes one flat text: joined from its parts it took ten times as long. */
function microsecondText(hour: number, minute: number, second: number, fraction: number): string {
  const milliseconds = Math.floor(fraction / 1000);
  const microseconds = fraction - 1000 * milliseconds;
  return String.fromCharCode(
    tens[hour] as number,
    ones[hour] as number,
    colon,
    tens[minute] as number,
    ones[minute] as number,
    colon,
    tens[second] as number,
    ones[second] as number,
    point,
    hundreds[milliseconds] as number,
    tens[milliseconds] as number,
    ones[milliseconds] as number,
    hundreds[microseconds] as number,
    tens[microseconds] as number,
    ones[microseconds] as number,
  );
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
