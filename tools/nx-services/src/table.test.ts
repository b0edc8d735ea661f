import { table } from './table.js';

describe('a table', () => {
  test('lines its columns up, and leaves no blanks at the ends of lines', () => {
    const text = table(
      ['SERVICE', 'PORT', ''],
      [
        ['postgres', '5432', 'x'],
        ['object-store', '', ''],
      ],
    );
    expect(text.split('\n')).toEqual([
      'SERVICE       PORT',
      '────────────  ────  ─',
      'postgres      5432  x',
      'object-store',
    ]);
  });

  test('is its headings where there are no rows, and fills rows that are too short', () => {
    expect(table(['A', 'B'], [])).toBe('A  B\n─  ─');
    expect(table(['A', 'B'], [['1']])).toBe('A  B\n─  ─\n1');
  });
});
