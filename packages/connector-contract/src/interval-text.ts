const nanosPerSecond = 1_000_000_000n;

/**
 * ISO 8601 text of a duration, as PostgreSQL prints it with `intervalstyle = iso_8601`: whole years of its months, hours and
 * minutes of its seconds, a sign for each part, and no part that is 0: `P1Y2M-3DT4H5M6.000007S`.
 */
export function intervalText(months: number, days: number, nanos: bigint): string {
  const seconds = nanos / nanosPerSecond;
  const date = part(Math.trunc(months / 12), 'Y') + part(months % 12, 'M') + part(days, 'D');
  const time =
    part(Number(seconds / 3600n), 'H') +
    part(Number((seconds / 60n) % 60n), 'M') +
    secondsText(nanos % (60n * nanosPerSecond));
  if (date === '' && time === '') return 'PT0S';
  return time === '' ? `P${date}` : `P${date}T${time}`;
}

function part(value: number, unit: string): string {
  return value === 0 ? '' : `${String(value)}${unit}`;
}

function secondsText(nanos: bigint): string {
  if (nanos === 0n) return '';
  const positive = nanos < 0n ? -nanos : nanos;
  const fraction = String(positive % nanosPerSecond)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const sign = nanos < 0n ? '-' : '';
  return `${sign}${String(positive / nanosPerSecond)}${fraction === '' ? '' : `.${fraction}`}S`;
}
