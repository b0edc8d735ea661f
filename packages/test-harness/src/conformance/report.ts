import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding } from './requirement.js';

/** What a suite found of one implementation, as it is written to `reportFile`. */
export interface ConformanceReport {
  readonly suite: 'source' | 'destination' | 'state-store';
  /** The name that the suite was given for what was tried. */
  readonly implementation: string;
  readonly seed: number;
  /** Whether every requirement was met, or failed as it was said that it would. */
  readonly isAsExpected: boolean;
  readonly findings: readonly Finding[];
}

export function reportOf(
  head: Pick<ConformanceReport, 'suite' | 'implementation' | 'seed'>,
  findings: readonly Finding[],
): ConformanceReport {
  const isAsExpected = findings.every(
    ({ verdict }) => verdict === 'passed' || verdict === 'failed-as-expected',
  );
  return { ...head, isAsExpected, findings };
}

export function writeConformanceReport(file: string | URL, report: ConformanceReport): void {
  const path = file instanceof URL ? fileURLToPath(file) : file;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`);
}
