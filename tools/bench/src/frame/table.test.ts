import type { Result } from './result.js';
import { markdownTable, terminalTable } from './table.js';

const result: Result = {
  name: 'sample',
  date: '2026-01-02T03:04:05.000Z',
  machine: 'a machine',
  rounds: 5,
  contenders: {
    'start: ours': { medianMs: 10, minMs: 9, maxMs: 12.34 },
    'start: floor: by hand': { medianMs: 5, minMs: 4, maxMs: 6 },
    'stop: ours': { medianMs: 1000, minMs: 900, maxMs: 1100 },
  },
  goals: [],
};

describe('a table', () => {
  test('stands in a terminal in columns, with ratios to the first of each group', () => {
    expect(terminalTable(result)).toBe(
      [
        'start             median ms    min     max  ratio',
        '  ours                 10.0    9.0    12.3   1.00',
        '  floor: by hand        5.0    4.0     6.0   0.50',
        'stop              median ms    min     max  ratio',
        '  ours               1000.0  900.0  1100.0   1.00',
      ].join('\n'),
    );
  });

  test('has the same rows in Markdown', () => {
    expect(markdownTable(result).split('\n').slice(2, 5)).toEqual([
      '| **start** |  |  |  |  |',
      '| ours | 10.0 | 9.0 | 12.3 | 1.00 |',
      '| floor: by hand | 5.0 | 4.0 | 6.0 | 0.50 |',
    ]);
  });

  test('has a column for memory once memory was measured', () => {
    const contenders = {
      ...result.contenders,
      'stop: peer': { medianMs: 1, minMs: 1, maxMs: 1, peakRssMb: 64.4 },
    };
    expect(terminalTable({ ...result, contenders })).toMatch(/peak MiB[^]*peer .* 64$/);
  });
});
