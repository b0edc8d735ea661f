import { withResult } from './document.js';
import type { Result } from './result.js';

const result: Result = {
  name: 'sample',
  date: '2026-01-02T03:04:05.000Z',
  machine: 'a machine',
  rounds: 5,
  contenders: { 'start: ours': { unit: 'ms', median: 10, min: 9, max: 12 } },
  goals: [{ what: 'start: ours', value: 10, unit: 'ms', atMost: 5, met: false }],
};
const page = 'Before\n<!-- sample: begin -->\nold\n<!-- sample: end -->\nAfter\n';

describe('a page', () => {
  test('gets the result in its place, and keeps the rest', () => {
    const written = withResult(page, result);
    expect(written).toMatch(/^Before\n[^]*\nAfter\n$/);
    expect(written).toContain('2026-01-02, 5 rounds, a machine.');
    expect(written).toContain('| ours | 10.0 | 9.0 | 12.0 | 1.00 |');
    expect(written).toContain('- MISSED start: ours: 10.0 ms, goal at most 5 ms');
    expect(written).not.toContain('old');
  });

  test('shows the picture from where it lies', () => {
    expect(withResult(page, result)).toContain('](benchmark-sample.svg)');
    expect(withResult(page, result, '../docs')).toContain('](../docs/benchmark-sample.svg)');
  });

  test('is the same when the same result is put in again', () => {
    const once = withResult(page, result);
    expect(withResult(once, result)).toBe(once);
  });

  test('without a place for it is refused', () => {
    expect(() => withResult('no place', result)).toThrow('<!-- sample: begin -->');
  });
});
