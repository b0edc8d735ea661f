import { goalItem } from './goals.js';
import type { Result } from './result.js';
import { markdownTable } from './table.js';

/**
 * Puts a result into a page, in the place of its name.
 *
 * @param pictures - The folder of the pictures, seen from the page.
 */
export function withResult(page: string, result: Result, pictures = '.'): string {
  return withSection(page, result.name, section(result, pictures));
}

/**
 * Puts a text into a page, between `<!-- NAME: begin -->` and `<!-- NAME: end -->`.
 *
 * @throws if the page has no such place.
 */
export function withSection(page: string, name: string, text: string): string {
  const begin = `<!-- ${name}: begin -->\n`;
  const end = `<!-- ${name}: end -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no "${begin.trim()}" with "${end}" after it`);
  return page.slice(0, from + begin.length) + text + page.slice(to);
}

function section(result: Result, pictures: string): string {
  return `
${result.date.slice(0, 10)}, ${result.rounds} rounds, ${result.machine}.

![${result.name}](${pictures === '.' ? '' : `${pictures}/`}benchmark-${result.name}.svg)

${markdownTable(result)}

${result.goals.map(goalItem).join('\n')}

`;
}
