import { grown, toTransactionSet } from './transaction-set.js';

const row = (below: number, running: string | null) => ({ below: String(below), running, at: 'now' });

test('stretches of running transactions are read in order', () => {
  expect(toTransactionSet(row(120, '100+1,103+5'))).toEqual({
    below: 120n,
    running: [
      [100n, 1],
      [103n, 5],
    ],
    at: 'now',
  });
  expect(toTransactionSet(row(120, null))).toEqual({ below: 120n, running: [], at: 'now' });
});

test('a set ends before the stretch that is one too many', () => {
  const stretches = Array.from({ length: 101 }, (_, index) => `${String(1000 + 2 * index)}+1`).join(',');
  const set = toTransactionSet(row(5000, stretches));
  expect(set.running).toHaveLength(100);
  expect(set.below).toBe(1200n);
});

test('a set that was cut off before the end of the earlier one does not take its place', () => {
  const earlier = toTransactionSet(row(120, '100+1'));
  const cut = toTransactionSet(row(110, '100+1'));
  const later = toTransactionSet(row(120, null));
  expect(grown(null, cut)).toBe(cut);
  expect(grown(earlier, cut)).toBe(earlier);
  expect(grown(earlier, later)).toBe(later);
});
