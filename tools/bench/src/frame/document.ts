import { goalLine } from './goals.js';
import type { Result } from './result.js';
import { markdownTable } from './table.js';

/**
 * Puts a result into a page, between `<!-- NAME: begin -->` and `<!-- NAME: end -->`.
 *
 * @throws if the page has no such place.
 */
export function withResult(page: string, result: Result): string {
  const begin = `<!-- ${result.name}: begin -->\n`;
  const end = `<!-- ${result.name}: end -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no "${begin.trim()}" with "${end}" after it`);
  return page.slice(0, from + begin.length) + section(result) + page.slice(to);
}

function section(result: Result): string {
  const goals = result.goals.map((goal) => `- ${goalLine(goal).replaceAll(/ {2,}/g, ' ')}`);
  return `
${result.date.slice(0, 10)}, ${result.rounds} rounds, ${result.machine}.

![${result.name}](benchmark-${result.name}.svg)

${markdownTable(result)}

${goals.join('\n')}

`;
}
