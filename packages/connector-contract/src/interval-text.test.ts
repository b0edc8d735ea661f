import fc from 'fast-check';
import { intervalText } from './interval-text.js';

// As PostgreSQL 15 prints them with intervalstyle = iso_8601.
test.each([
  [0, 0, 0n, 'PT0S'],
  [14, -3, 14_706_000_007_000n, 'P1Y2M-3DT4H5M6.000007S'],
  [-14, 3, -500_000n * 1000n, 'P-1Y-2M3DT-0.5S'],
  [0, 0, 3_600_000_000_000n, 'PT1H'],
  [1, 0, -61_000_000_000n, 'P1MT-1M-1S'],
  [0, 1, 1n, 'P1DT0.000000001S'],
  [0, 0, 2n ** 63n - 1n, 'PT2562047H47M16.854775807S'],
])('%d months, %d days and %d ns are %s', (months, days, nanos, text) => {
  expect(intervalText(months, days, nanos)).toBe(text);
});

test('no two intervals have one text', () => {
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(int32, int32, int64, (months, days, nanos) => {
      expect(parsed(intervalText(months, days, nanos))).toEqual([months, days, nanos]);
    }),
  );
});

function parsed(text: string): [number, number, bigint] {
  const [date = '', time = ''] = text.slice(1).split('T');
  const part = (of: string, unit: string): string => RegExp(`(-?[\\d.]+)${unit}`).exec(of)?.[1] ?? '0';
  const seconds = part(time, 'S');
  const [whole = '0', fraction = ''] = seconds.replace('-', '').split('.');
  const positive = BigInt(whole) * 10n ** 9n + BigInt(fraction.padEnd(9, '0'));
  const clock = 3600n * BigInt(part(time, 'H')) + 60n * BigInt(part(time, 'M'));
  return [
    12 * Number(part(date, 'Y')) + Number(part(date, 'M')),
    Number(part(date, 'D')),
    clock * 10n ** 9n + (seconds.startsWith('-') ? -positive : positive),
  ];
}
