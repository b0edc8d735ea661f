import type { ServiceFailureReport } from './service-failure.js';

/**
 * Renders a failure for a person: what failed, the evidence, the next command. Plain text, no colour, so that it reads
 * the same in a terminal and in a CI log.
 */
export function failureBox(report: ServiceFailureReport): string {
  const title = report.service === undefined ? report.code : `${report.service}: ${report.code}`;
  const lines = [
    ...report.summary.split('\n'),
    ...section('Evidence', report.evidence),
    ...section('What to do next', report.next),
  ];
  const width = Math.max(title.length + 2, ...lines.map((line) => line.length));
  return [
    `┌─ ${title} ${'─'.repeat(Math.max(width - title.length - 1, 1))}┐`,
    ...lines.map((line) => `│ ${line.padEnd(width)} │`),
    `└${'─'.repeat(width + 2)}┘`,
  ].join('\n');
}

function section(heading: string, entries: readonly string[]): string[] {
  if (entries.length === 0) return [];
  return ['', `${heading}:`, ...entries.flatMap((entry) => entry.split('\n').map((line) => `  ${line}`))];
}
