import { linesBetween, ownTime, timedLines } from './log-lines.js';

const at = Date.UTC(2026, 10, 22, 14, 5, 9, 123);

describe('the time of a log line', () => {
  test.each([
    ['PostgreSQL', '2026-11-22 14:05:09.123 UTC [7] LOG:  ready', at],
    ['Ceph', '2026-11-22T14:05:09.123456+0000 7f1 1 ====== starting', at],
    ['another zone', '2026-11-22T16:05:09.123+02:00 hello', at],
    ['whole seconds', '2026-11-22T14:05:09Z hello', at - 123],
    ['a comma', '[2026-11-22 14:05:09,123 UTC] hello', at],
    ['Redis', '7:M 22 Nov 2026 14:05:09.123 * Ready', Date.parse('22 Nov 2026 14:05:09.123')],
  ])('is read as %s writes it', (_, line, expected) => {
    expect(ownTime(line)).toBe(expected);
  });

  test.each(['', 'hello', '2026-13-45 99:05:09 UTC x', '2026-11-22 14:05:09 without a zone'])(
    'is not read from %j',
    (line) => {
      expect(ownTime(line)).toBeUndefined();
    },
  );

  test('is when it was seen where it says none, and that of the line before where it goes on', () => {
    const chunks = [
      { atMs: at + 500, text: 'no time\n2026-11-22 14:05:09.123 UTC [7] ERROR:  a\n\tgoes on\nca' },
      { atMs: at + 700, text: 'rried over\nopen end' },
    ];
    expect(timedLines(chunks)).toEqual([
      { atMs: at + 500, text: 'no time' },
      { atMs: at, text: '2026-11-22 14:05:09.123 UTC [7] ERROR:  a' },
      { atMs: at, text: '\tgoes on' },
      { atMs: at + 700, text: 'carried over' },
      { atMs: at + 700, text: 'open end' },
    ]);
    expect(timedLines([])).toEqual([]);
  });
});

test('the lines of a stretch of time are its own, the last ones where there are too many', () => {
  const lines = [1, 2, 3, 4, 5].map((atMs) => ({ atMs, text: String(atMs) }));
  expect(linesBetween(lines, { fromMs: 2, toMs: 4 }, 10)).toEqual(['2', '3', '4']);
  expect(linesBetween(lines, { fromMs: 2, toMs: 4 }, 2)).toEqual(['3', '4']);
  expect(linesBetween(lines, { fromMs: 8, toMs: 9 }, 2)).toEqual([]);
});
