const dayMs = 86_400_000;

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
  const ofDay = value - day * unitsPerDay;
  const unitsPerSecond = 10n ** BigInt(fractionDigits);
  const second = Number(ofDay / unitsPerSecond);
  const fraction = fractionDigits === 0 ? '' : `.${padded(Number(ofDay % unitsPerSecond), fractionDigits)}`;
  const time = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
  return `${dateText(Number(day))}T${time.map((part) => padded(part, 2)).join(':')}${fraction}`;
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
