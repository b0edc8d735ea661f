import { readFileSync } from 'node:fs';
import { destinationRequirements, sourceRequirements, stateStoreRequirements } from './index.js';
import type { Requirement } from './requirement.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The rows of the table under a heading: name to the rest of the row, without the blanks that align the columns. */
function rowsUnder(heading: string): Record<string, string[]> {
  const [, section = ''] = readme.split(`### ${heading}\n`);
  const [table = ''] = section.split('\n#');
  return Object.fromEntries(
    [...table.matchAll(/^\| `([a-z0-9-]+)` +\|(.*)\|$/gm)].map(([, id = '', rest = '']) => [
      id,
      rest.split('|').map((cell) => cell.trim()),
    ]),
  );
}

test.each<[heading: string, requirements: Readonly<Record<string, Requirement<never>>>]>([
  ['What a source must do', sourceRequirements],
  ['What a destination must do', destinationRequirements],
  ['What a state store must do', stateStoreRequirements],
])(
  'the README says under "%s" what each requirement means, and which complaints it answers',
  (heading, all) => {
    const expected = Object.entries(all).map(([id, { title, answers }]) => [
      id,
      [title, answers.join(', ') || '—'],
    ]);
    expect(rowsUnder(heading)).toEqual(Object.fromEntries(expected));
  },
);
