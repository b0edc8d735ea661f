import { readFileSync } from 'node:fs';
import { sourceRequirements } from './index.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The rows of the tables of requirements: name to the rest of the row, without the blanks that align the columns. */
const rows = new Map(
  [...readme.matchAll(/^\| `([a-z0-9-]+)` +\|(.*)\|$/gm)].map(([, id = '', rest = '']) => [
    id,
    rest.split('|').map((cell) => cell.trim()),
  ]),
);

describe('the README', () => {
  test.each(Object.entries(sourceRequirements))(
    'says what %s means, and which complaints it answers',
    (id, { title, answers }) => {
      expect(rows.get(id)).toEqual([title, answers.join(', ') || '—']);
    },
  );
});
