import type { ProjectResult } from './results.js';

export interface RunSummary {
  readonly results: readonly ProjectResult[];
  readonly elapsedMs: number;
  readonly logsFolder: string;
}

/** The short report that a run ends with. Plain text. Its last line is `N passed, N failed`. */
export function renderReport({ results, elapsedMs, logsFolder }: RunSummary): string {
  const total = (of: (result: ProjectResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  const counts = `${String(total(({ passed }) => passed))} passed, ${String(total(({ failed }) => failed))} failed`;
  const skipped = total((result) => result.skipped);
  return [
    '',
    'Suites',
    ...results.map(projectLine),
    '',
    'Services',
    ...serviceLines(results),
    '',
    `Tests: ${String(total(({ suites }) => suites))} suites in ${String(results.length)} projects, ${seconds(elapsedMs)} in all`,
    `Logs:  ${logsFolder}`,
    '',
    skipped === 0 ? counts : `${counts}, ${String(skipped)} skipped`,
  ].join('\n');
}

function projectLine(result: ProjectResult): string {
  const { project, suites, passed, failed, skipped, elapsedMs, fromCache } = result;
  const verdict = failed > 0 ? 'FAILED' : 'ok';
  const counts = [
    `${String(passed)} passed`,
    ...(failed > 0 ? [`${String(failed)} failed`] : []),
    ...(skipped > 0 ? [`${String(skipped)} skipped`] : []),
  ];
  const time = fromCache ? 'from the cache' : seconds(elapsedMs);
  return `  ${verdict.padEnd(6)}  ${project.padEnd(20)}  ${`${String(suites)} suites`.padEnd(9)}  ${counts.join(', ').padEnd(12)}  ${time}`;
}

/** Each service once: where the latest run had it from. */
function serviceLines(results: readonly ProjectResult[]): string[] {
  const had = new Map(
    results.flatMap(({ services, fromCache }) =>
      services.map((service) => [service.service, { ...service, fromCache }] as const),
    ),
  );
  const failures = new Map(
    results.flatMap((result) =>
      result.failures.map((failure) => [failure.service ?? failure.code, failure] as const),
    ),
  );
  const lines = [...had.values()].map(
    ({ service, version, provider, endpoint, fromCache }) =>
      `  ${service.padEnd(13)} ${version.padEnd(17)} ${provider.padEnd(9)} ${fromCache ? 'not started: every suite that needs it came from the cache' : endpoint}`,
  );
  const missing = [...failures].map(
    ([service, { code, summary }]) => `  ${service.padEnd(13)} ${code}: ${summary}`,
  );
  return lines.length + missing.length === 0 ? ['  none'] : [...lines, ...missing];
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
