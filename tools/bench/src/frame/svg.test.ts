import type { Result } from './result.js';
import { drawResult } from './svg.js';

const result: Result = {
  name: 'sample',
  date: '2026-01-02T03:04:05.000Z',
  machine: 'a <quiet> machine & more',
  rounds: 5,
  contenders: {
    'start: ours': { unit: 'ms', median: 50, min: 40, max: 60 },
    'start: floor': { unit: 'ms', median: 25, min: 20, max: 30 },
  },
  goals: [{ what: 'start: ours', value: 50, unit: 'ms', atMost: 100, met: true }],
};

const numbers = (svg: string, expression: RegExp): number[] =>
  [...svg.matchAll(expression)].map(([, number]) => Number(number));

describe('a picture', () => {
  test('has bars as long as the medians, on one scale within a group', () => {
    const [ours = 0, floor = 0] = numbers(drawResult(result), /width="([\d.]+)" height="12"/g);
    expect(ours).toBeGreaterThan(0);
    expect(ours / floor).toBeCloseTo(2);
  });

  test('marks a goal where it lies, twice as far as the median here', () => {
    const svg = drawResult(result);
    const [goal = 0] = numbers(svg, /<line x1="([\d.]+)"[^>]*stroke="#b3261e"/g);
    const [ours = 0] = numbers(svg, /width="([\d.]+)" height="12"/g);
    expect((goal - 16) / ours).toBeCloseTo(2);
  });

  test('takes words for words, whatever they hold', () => {
    expect(drawResult(result)).toContain('a &lt;quiet&gt; machine &amp; more');
  });

  test('can be drawn of times that are all zero', () => {
    const nothing = { unit: 'ms' as const, median: 0, min: 0, max: 0 };
    expect(drawResult({ ...result, contenders: { 'a: b': nothing }, goals: [] })).not.toMatch(/NaN|Infinity/);
  });
});
