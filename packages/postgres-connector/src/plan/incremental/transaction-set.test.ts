import { grown, toSeenTransactions } from './transaction-set.js';

const row = (below: number, running: string | null, isWhole = 't') => {
  return { below: String(below), running, at: 'now', is_whole: isWhole };
};

test('stretches of running transactions are read in order', () => {
  expect(toSeenTransactions(row(120, '100+1,103+5'))).toEqual({
    set: {
      below: 120n,
      running: [
        [100n, 1],
        [103n, 5],
      ],
      at: 'now',
    },
    isWhole: true,
  });
  expect(toSeenTransactions(row(120, null)).set).toEqual({ below: 120n, running: [], at: 'now' });
});

test('a set ends before the stretch that is one too many, and is not whole', () => {
  const stretches = Array.from({ length: 81 }, (_, index) => `${String(1000 + 2 * index)}+1`).join(',');
  const { set, isWhole } = toSeenTransactions(row(5000, stretches));
  expect(set.running).toHaveLength(80);
  expect([set.below, isWhole]).toEqual([1160n, false]);
  expect(toSeenTransactions(row(5000, null, 'f')).isWhole).toBe(false);
});

test('a set that was cut off has the time of the earlier one, and takes its place only if it holds all of it', () => {
  const earlier = { ...toSeenTransactions(row(120, '100+1')).set, at: 'then' };
  const cutSooner = toSeenTransactions(row(110, '100+1', 'f'));
  const cutLater = toSeenTransactions(row(130, '100+1', 'f'));
  const whole = toSeenTransactions(row(130, null));
  expect(grown(null, cutSooner)).toEqual({ ...cutSooner.set, at: '-infinity' });
  expect(grown(earlier, cutSooner)).toBe(earlier);
  expect(grown(earlier, cutLater)).toEqual({ ...cutLater.set, at: 'then' });
  expect(grown(earlier, whole)).toBe(whole.set);
});
