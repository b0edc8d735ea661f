import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportPage } from './html/report-page.js';
import { junitXml } from './junit.js';
import type { LogLine } from './log-lines.js';
import type { NxSection } from './nx-output.js';
import type { RunSummary } from './summary.js';

export interface RunRecord {
  readonly summary: RunSummary;
  readonly sections: readonly NxSection[];
  readonly logs: ReadonlyMap<string, readonly LogLine[]>;
}

/**
 * Writes what a run leaves beside its events and its services' logs: `summary.json`, `report.html`,
 * `junit/<project>.xml`, `jest/<project>.log` and `nx.log`.
 */
export function writeRun(folder: string, { summary, sections, logs }: RunRecord): void {
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  for (const part of ['junit', 'jest']) mkdirSync(join(folder, part), { recursive: true });
  for (const result of summary.projects) write(`junit/${fileName(result.project)}.xml`, junitXml(result));
  for (const { task, text } of sections) {
    if (task?.target !== 'integration') continue;
    appendFileSync(join(folder, `jest/${fileName(task.project)}.log`), text);
  }
  write('nx.log', sections.map(({ text }) => text).join('\n'));
  write('summary.json', `${JSON.stringify(summary, null, 2)}\n`);
  write('report.html', reportPage(summary, logs));
}

/** For a name such as @scope/name. */
function fileName(project: string): string {
  return project.replace(/[^\w.-]+/g, '-');
}
