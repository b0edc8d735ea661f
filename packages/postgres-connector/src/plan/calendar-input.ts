const date = /^([+-]?)(\d{4,7})-(\d{2})-(\d{2})$/;
const time = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,6})?$/;
const zone = /^(?:Z|[+-]\d{2}(?::\d{2})?)$/;
const timestamp = /^([^T ]+)[T ]([\d:.]+)(.*)$/;

/**
 * Turns a date as `rows()` spells it into one that the server understands: ISO 8601, in which the year before 1 is 0, but
 * `44 BC` for the server. `undefined` for what is no date.
 */
export function toServerDate(text: string): string | undefined {
  if (isInfinite(text)) return text;
  const parts = dateParts(text);
  return parts && parts.date + parts.era;
}

/** As {@link toServerDate}. With a zone, which is `Z` or an offset, or without one, as the column's type has it. */
export function toServerTimestamp(text: string, withZone: boolean): string | undefined {
  if (isInfinite(text)) return text;
  const [, datePart = '', timePart = '', zonePart = ''] = timestamp.exec(text) ?? [];
  const parts = dateParts(datePart);
  if (parts === undefined || !isTime(timePart)) return undefined;
  if (withZone ? !zone.test(zonePart) : zonePart !== '') return undefined;
  return `${parts.date} ${timePart}${zonePart}${parts.era}`;
}

function isInfinite(text: string): boolean {
  return text === 'infinity' || text === '-infinity';
}

function dateParts(text: string): { readonly date: string; readonly era: string } | undefined {
  const [, sign, digits = '', month = '', day = ''] = date.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const year = sign === '-' ? -Number(digits) : Number(digits);
  if (
    Number(month) < 1 ||
    Number(month) > 12 ||
    Number(day) < 1 ||
    Number(day) > daysIn(year, Number(month))
  ) {
    return undefined;
  }
  const yearOfEra = year > 0 ? year : 1 - year;
  return { date: `${String(yearOfEra).padStart(4, '0')}-${month}-${day}`, era: year > 0 ? '' : ' BC' };
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isTime(text: string): boolean {
  const [, hour, minute, second] = time.exec(text) ?? [];
  return hour !== undefined && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}
