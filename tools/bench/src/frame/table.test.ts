import type { Result } from './result.js';
import { markdownTable, terminalTable } from './table.js';

const result: Result = {
  name: 'sample',
  date: '2026-01-02T03:04:05.000Z',
  machine: 'a machine',
  rounds: 5,
  contenders: {
    'start: ours': { unit: 'ms', median: 10, min: 9, max: 12.34 },
    'start: floor: by hand': { unit: 'ms', median: 5, min: 4, max: 6 },
    'stop: ours': { unit: 'ms', median: 1000, min: 900, max: 1100 },
  },
  goals: [],
};

describe('a table', () => {
  test('stands in a terminal in columns, with ratios to the first of each group', () => {
    expect(terminalTable(result)).toBe(
      [
        'start, ms         median    min     max  ratio',
        '  ours              10.0    9.0    12.3   1.00',
        '  floor: by hand     5.0    4.0     6.0   0.50',
        'stop, ms          median    min     max  ratio',
        '  ours            1000.0  900.0  1100.0   1.00',
      ].join('\n'),
    );
  });

  test('has the same rows in Markdown', () => {
    expect(markdownTable(result).split('\n').slice(2, 5)).toEqual([
      '| **start**, ms |  |  |  |  |',
      '| ours | 10.0 | 9.0 | 12.3 | 1.00 |',
      '| floor: by hand | 5.0 | 4.0 | 6.0 | 0.50 |',
    ]);
  });

  test('gives each group in its own unit, nanoseconds without decimals', () => {
    const call = { unit: 'ns' as const, median: 412.6, min: 400, max: 500 };
    const contenders = { ...result.contenders, 'call: ours': call };
    expect(terminalTable({ ...result, contenders })).toMatch(/call, ns .*\n {2}ours +413 +400 +500 +1.00$/);
  });

  test('has a column for memory once memory was measured', () => {
    const contenders = {
      ...result.contenders,
      'stop: peer': { unit: 'ms' as const, median: 1, min: 1, max: 1, peakRssMb: 64.4 },
    };
    expect(terminalTable({ ...result, contenders })).toMatch(/peak MiB[^]*peer .* 64$/);
  });
});
