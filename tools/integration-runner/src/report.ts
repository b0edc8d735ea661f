import { nameOf, type ProjectResult } from './results.js';
import type { RunSummary, ServiceUse } from './summary.js';

export interface ReportPlaces {
  /** As it is to be shown. */
  readonly reportFile: string;
  readonly runFolder: string;
}

/** A list that is longer is in the report. */
const mostFailures = 50;
const longestLine = 160;

/**
 * The short report that a run ends with. Plain text. Its last line is `N passed, N failed`, and what failed stands right
 * before the closing lines: the end of a CI log tells it.
 */
export function renderReport(summary: RunSummary, { reportFile, runFolder }: ReportPlaces): string {
  const { totals, projects, elapsedMs } = summary;
  const counts = `${String(totals.passed)} passed, ${String(totals.failed)} failed`;
  return [
    '',
    'Suites',
    ...(projects.length === 0 ? ['  none'] : projects.map(projectLine)),
    '',
    'Services',
    ...serviceLines(summary),
    ...keptLines(summary),
    ...failureLines(projects),
    '',
    `Tests:  ${String(totals.files)} files in ${String(totals.projects)} projects, ${seconds(elapsedMs)} in all`,
    `Report: ${reportFile}`,
    `Logs:   ${runFolder}`,
    '',
    totals.skipped === 0 ? counts : `${counts}, ${String(totals.skipped)} skipped`,
  ].join('\n');
}

/** A project's line in the report, and while the run goes on. */
export function projectLine(result: ProjectResult): string {
  const { project, files, passed, failed, skipped, elapsedMs, fromCache } = result;
  const verdict = failed > 0 ? 'FAILED' : 'ok';
  const counts = [
    `${String(passed)} passed`,
    ...(failed > 0 ? [`${String(failed)} failed`] : []),
    ...(skipped > 0 ? [`${String(skipped)} skipped`] : []),
  ];
  const time = fromCache ? 'from the cache' : seconds(elapsedMs);
  return `  ${verdict.padEnd(6)}  ${project.padEnd(20)}  ${`${String(files.length)} files`.padEnd(9)}  ${counts.join(', ').padEnd(12)}  ${time}`;
}

function serviceLines({ services, serviceFailures }: RunSummary): string[] {
  const missing = serviceFailures.map(
    ({ service, code, summary }) => `  ${(service ?? 'all').padEnd(13)} ${code}: ${summary}`,
  );
  const had = services.map(serviceLine);
  return had.length + missing.length === 0 ? ['  none'] : [...had, ...missing];
}

function serviceLine({ service, version, provider, address, held }: ServiceUse): string {
  const where = held.length === 0 ? 'not started: every suite that needs it came from the cache' : address;
  return `  ${service.padEnd(13)} ${version.padEnd(17)} ${provider.padEnd(9)} ${where}`;
}

/** The name of a database, bucket or Redis user says all that a client needs, with the address above. */
function keptLines({ kept }: RunSummary): string[] {
  if (kept.length === 0) return [];
  const lines = kept.map(
    ({ kind, name, project, test }) =>
      `  ${kind.padEnd(9)} ${name}  ${cut(`${project}: ${test ?? 'a hook'}`)}`,
  );
  return ['', 'Kept (removed by ./integration --cleanup-only)', ...lines];
}

function failureLines(projects: readonly ProjectResult[]): string[] {
  const failed = projects.flatMap(({ project, tests }) =>
    tests.filter(({ status }) => status === 'failed').map((test) => ({ project, test })),
  );
  if (failed.length === 0) return [];
  const lines = failed
    .slice(0, mostFailures)
    .flatMap(({ project, test }) => [
      `  ${project}  ${test.file}`,
      `    ${cut(nameOf(test))}`,
      `      ${cut(firstLine(test.message))}`,
    ]);
  const left = failed.length - mostFailures;
  return ['', 'Failed', ...lines, ...(left > 0 ? [`  … and ${String(left)} more, in the report`] : [])];
}

/** What the message begins with. */
export function firstLine(message: string | undefined): string {
  return (
    (message ?? '')
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? 'no message'
  );
}

function cut(text: string): string {
  return text.length > longestLine ? `${text.slice(0, longestLine)} …` : text;
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
