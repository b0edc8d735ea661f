import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');

/** As jest.preset.mjs has it, on the services that this run has leased. */
const config = {
  rootDir: here('../..'),
  testEnvironment: here('../../../../tools/source-loader/jest-test-environment.mjs'),
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironmentOptions: { customExportConditions: ['@sqlflow/source', 'node', 'node-addons'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: '<rootDir>/tsconfig.spec.json' }] },
  testMatch: ['<rootDir>/test/integration/jest/*.jest.ts'],
};

export interface JestRun {
  /** The status of each test by its name. */
  readonly tests: Readonly<Record<string, string>>;
  /** What failed tests have said, by their name. */
  readonly failures: Readonly<Record<string, string>>;
  /** What each file has failed of, outside of its tests. */
  readonly files: readonly string[];
  readonly stderr: string;
  /** The lines that the tests have recorded of their leases. */
  readonly events: readonly {
    readonly event: string;
    readonly kind: string;
    readonly name: string;
    readonly pid: number;
  }[];
}

/** Runs files of the folder jest/ by a Jest of their own, one after the other in one process. */
export async function runJest(
  files: readonly string[],
  variables: Record<string, string> = {},
): Promise<JestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'jest-'));
  const [results, events] = [join(folder, 'results.json'), join(folder, 'events.jsonl')];
  try {
    const parameters = [
      jest,
      '--config',
      JSON.stringify(config),
      '--runInBand',
      '--json',
      `--outputFile=${results}`,
    ];
    const stderr = await new Promise<string>((resolve) => {
      const env = {
        ...process.env,
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        TEST_EVENTS_FILE: events,
        ...variables,
      };
      execFile(
        process.execPath,
        [...parameters, ...files],
        { env, timeout: 60_000 },
        (_error, _stdout, text) => resolve(text),
      );
    });
    const { testResults } = JSON.parse(readFileSync(results, 'utf8')) as {
      testResults: {
        message: string;
        assertionResults: { title: string; status: string; failureMessages: string[] }[];
      }[];
    };
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    return {
      tests: Object.fromEntries(tests.map(({ title, status }) => [title, status])),
      failures: Object.fromEntries(
        tests.map(({ title, failureMessages }) => [title, failureMessages.join('\n---\n')]),
      ),
      files: testResults
        .filter(({ assertionResults }) => assertionResults.length === 0)
        .map(({ message }) => message),
      stderr,
      events: readFileSync(events, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as JestRun['events'][number]),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
