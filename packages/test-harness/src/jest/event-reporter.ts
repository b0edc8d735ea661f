import { basename } from 'node:path';
import { recordEvent } from '../events.js';

/** The parts of what Jest tells a reporter that are looked at. */
interface TestFile {
  readonly path: string;
  readonly context: { readonly config: { readonly rootDir: string } };
}

interface CaseResult {
  readonly fullName: string;
  readonly status: string;
  readonly duration?: number | null;
}

interface FileResult {
  readonly numFailingTests: number;
  readonly testExecError?: unknown;
}

/** A reporter for Jest that writes what happens to the file of the events, while it happens. */
export default class EventReporter {
  onRunStart(results: { readonly numTotalTestSuites: number }): void {
    recordEvent({ event: 'run-started', project: projectHere(), files: results.numTotalTestSuites });
  }

  onTestFileStart(test: TestFile): void {
    recordEvent({ event: 'file-started', project: projectOf(test), file: test.path });
  }

  onTestCaseResult(test: TestFile, { fullName, status, duration }: CaseResult): void {
    const [project, file] = [projectOf(test), test.path];
    recordEvent({ event: 'test-ended', project, file, name: fullName, status, tookMs: duration ?? 0 });
  }

  onTestFileResult(test: TestFile, { numFailingTests, testExecError }: FileResult): void {
    const failed = numFailingTests + (testExecError === undefined ? 0 : 1);
    recordEvent({ event: 'file-ended', project: projectOf(test), file: test.path, failed });
  }

  onRunComplete(): void {
    recordEvent({ event: 'run-ended', project: projectHere() });
  }

  /** Jest asks every reporter; this one never fails a run. */
  getLastError(): undefined {
    return undefined;
  }
}

function projectOf({ context }: TestFile): string {
  return basename(context.config.rootDir);
}

/** Jest runs in the folder of its project, under Nx and by hand. */
function projectHere(): string {
  return basename(process.cwd());
}
