import { messageOf } from './locate.js';
import type { ProjectResult } from './results.js';

/** GitHub takes no more than 1 MiB a step: this many failures, with this much of each, stay well below. */
const mostFailures = 50;
const longestMessage = 4_000;
const slowestShown = 10;

/** A run in Markdown: counts, what failed and why, the slowest tests, and where each service came from. */
export function renderSummary(results: readonly ProjectResult[]): string {
  if (results.length === 0)
    return '## Integration tests\n\nNo suite ran: no project that has one is affected.\n';
  const total = (of: (result: ProjectResult) => number): number =>
    results.reduce((sum, each) => sum + of(each), 0);
  const failed = total((each) => each.failed);
  const skipped = total((each) => each.skipped);
  return (
    [
      `## Integration tests: ${String(total((each) => each.passed))} passed, ${String(failed)} failed${skipped > 0 ? `, ${String(skipped)} skipped` : ''}`,
      table(
        ['Project', 'Passed', 'Failed', 'Skipped', 'Time'],
        results.map((each) => [
          text(each.project),
          String(each.passed),
          String(each.failed),
          String(each.skipped),
          seconds(each.elapsedMs),
        ]),
      ),
      ...failureParts(results),
      ...serviceParts(results),
      ...slowestParts(results),
    ].join('\n\n') + '\n'
  );
}

function failureParts(results: readonly ProjectResult[]): string[] {
  const failures = results.flatMap(({ project, failures }) =>
    failures.map((failure) => ({ project, ...failure })),
  );
  if (failures.length === 0) return [];
  const left = failures.length - mostFailures;
  return [
    '### Failed',
    ...failures
      .slice(0, mostFailures)
      .map(
        ({ project, title, text: why }) =>
          `<details><summary>${text(project)}: ${text(title)}</summary>\n\n${codeBlock(messageOf(why))}\n\n</details>`,
      ),
    ...(left > 0 ? [`and ${String(left)} more`] : []),
  ];
}

function serviceParts(results: readonly ProjectResult[]): string[] {
  const had = results.flatMap(({ project, services }) =>
    services.map(({ service, version, provider }) => [
      text(project),
      text(service),
      text(version),
      text(provider),
    ]),
  );
  const missing = results.flatMap(({ project, serviceFailures }) =>
    serviceFailures.map(({ service, code, summary }) => [
      text(project),
      text(service ?? ''),
      text(summary),
      text(code),
    ]),
  );
  if (had.length + missing.length === 0) return [];
  return ['### Services', table(['Project', 'Service', 'Version', 'From'], [...had, ...missing])];
}

function slowestParts(results: readonly ProjectResult[]): string[] {
  const slowest = results
    .flatMap(({ project, tests }) => tests.map((test) => ({ project, ...test })))
    .sort((a, b) => b.durationMs - a.durationMs)
    .slice(0, slowestShown);
  if (slowest.length === 0) return [];
  const rows = slowest.map(({ project, title, durationMs }) => [
    seconds(durationMs),
    text(project),
    text(title),
  ]);
  return ['### Slowest tests', table(['Time', 'Project', 'Test'], rows)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text that is shown as it is: one line, no markup, no mention of a person, no column of its own. */
function text(given: string): string {
  return given
    .replace(/\s+/g, ' ')
    .replace(/[&<>@\\`*_[\]#|~:$]/g, (character) => `&#${String(character.charCodeAt(0))};`);
}

/** In a fence that is longer than any in the text. */
function codeBlock(given: string): string {
  const shown = given.length > longestMessage ? `${given.slice(0, longestMessage)} …` : given;
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${shown}\n${fence}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
