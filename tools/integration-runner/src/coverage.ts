import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import coverageLibrary, {
  type CoverageMap,
  type CoverageMapData,
  type CoverageSummary,
} from 'istanbul-lib-coverage';
import { createContext } from 'istanbul-lib-report';
import { create } from 'istanbul-reports';
import type { SuiteProject } from './workspace-suites.js';

/** What Jest is told, in each project. */
export const coverageArgs = ['--coverage', '--coverageReporters=json'];

function resultOf(workspaceRoot: string, { root }: Pick<SuiteProject, 'root'>): string {
  return join(workspaceRoot, root, 'coverage/coverage-final.json');
}

/** What an earlier run left must not be taken for this one's. */
export function forgetCoverage(workspaceRoot: string, projects: readonly SuiteProject[]): void {
  for (const project of projects) rmSync(resultOf(workspaceRoot, project), { force: true });
}

/**
 * Merges what Jest measured in each project, and writes `lcov.info` and a site to `folder`.
 *
 * @returns lines for the terminal: each project, then all together
 */
export function writeCoverage(
  workspaceRoot: string,
  projects: readonly SuiteProject[],
  folder: string,
): string[] {
  const all = coverageLibrary.createCoverageMap({});
  const lines: string[] = [];
  for (const project of projects) {
    const file = resultOf(workspaceRoot, project);
    if (!existsSync(file)) continue;
    const own = coverageLibrary.createCoverageMap(JSON.parse(readFileSync(file, 'utf8')) as CoverageMapData);
    lines.push(coverageLine(project.name, own.getCoverageSummary()));
    all.merge(own);
  }
  if (lines.length === 0) return ['  none was measured'];
  write(all, folder);
  return [...lines, coverageLine('all', all.getCoverageSummary())];
}

function write(coverageMap: CoverageMap, dir: string): void {
  const context = createContext({ dir, coverageMap });
  for (const kind of ['lcovonly', 'html'] as const) create(kind).execute(context);
}

function coverageLine(name: string, { statements, branches, functions, lines }: CoverageSummary): string {
  const parts = Object.entries({ statements, branches, functions, lines }).map(
    ([kind, { pct }]) => `${kind} ${pct.toFixed(1).padStart(5)} %`,
  );
  return `  ${name.padEnd(20)}  ${parts.join('  ')}`;
}
