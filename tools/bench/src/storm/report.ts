import { goal, goalItem } from '../frame/goals.js';
import type { Goal } from '../frame/result.js';
import { markdownColumns } from '../frame/table.js';
import { type Figures, figuresOf } from './figures.js';
import type { Storm } from './result.js';
import { preset } from './variants.js';

/** The table, the first line being its head. */
export function stormTable({ courses, scenario }: Storm): readonly (readonly string[])[] {
  return [
    [
      '',
      'attempts a call',
      'worst second',
      'worst second after',
      'recovered after',
      'calls failed',
      'failed after',
    ],
    ...Object.entries(courses).map(([name, course]) => [name, ...cells(figuresOf(course, scenario))]),
  ];
}

function cells({
  amplification,
  peakDuring,
  peakAfter,
  recoveredAfter,
  failed,
  failedAfter,
}: Figures): string[] {
  return [
    amplification.toFixed(2),
    `${peakDuring.toFixed(2)} ×`,
    `${peakAfter.toFixed(2)} ×`,
    recoveredAfter === undefined ? 'never' : `${recoveredAfter} s`,
    `${(failed * 100).toFixed(1)} %`,
    `${(failedAfter * 100).toFixed(1)} %`,
  ];
}

export function stormGoals({ courses, scenario }: Storm): readonly Goal[] {
  const course = courses[preset];
  if (course === undefined) throw new Error(`the result has no variant "${preset}"`);
  const { amplification, peakAfter } = figuresOf(course, scenario);
  return [
    goal(
      `${preset}: attempts a call in the outage`,
      { value: amplification, unit: 'times' },
      { atMost: 1.1 },
    ),
    goal(
      `${preset}: worst second of the 30 s after, to the normal load`,
      { value: peakAfter, unit: 'times' },
      { atMost: 1.2 },
    ),
  ];
}

/** What a page says of it. `picture` is the path from the page. */
export function stormSection(storm: Storm, picture: string): string {
  const { clients, callsPerSecond, seed } = storm.scenario;
  return `
${clients.toLocaleString('en')} clients, ${callsPerSecond} call a second each, seed ${seed}.

![load on the server over time](${picture})

${markdownColumns(stormTable(storm))}

${stormGoals(storm).map(goalItem).join('\n')}

`;
}
