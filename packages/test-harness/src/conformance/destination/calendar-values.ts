const msOfDay = 86_400_000;
const int32Max = 0x7fff_ffff;
const int64Max = 2n ** 63n - 1n;

/** Days since 1970 of a date as `rows()` gives it; the ends of the integer for those that are not finite. */
export function dayOf(date: string): number {
  if (date === 'infinity') return int32Max;
  return date === '-infinity' ? -int32Max - 1 : Date.parse(`${date}T00:00:00Z`) / msOfDay;
}

/** Microseconds since 1970 of a time as `rows()` gives it, with or without `Z`. */
export function microsecondsOf(time: string): bigint {
  if (time === 'infinity') return int64Max;
  if (time === '-infinity') return -int64Max - 1n;
  const point = time.indexOf('.');
  const toSeconds = BigInt(Date.parse(`${time.slice(0, point)}Z`));
  return 1000n * toSeconds + BigInt(time.slice(point + 1, point + 7));
}
