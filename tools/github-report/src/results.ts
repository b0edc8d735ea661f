import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';

/** What Jest writes with --json; only what is shown. Times in milliseconds. */
const jestResult = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      startTime: z.number(),
      endTime: z.number(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          duration: z.number().nullish(),
          failureMessages: z.array(z.string()).default([]),
        }),
      ),
    }),
  ),
});

/** What the harness writes of the services that a run had. */
const servicesResult = z.object({
  services: z.array(z.object({ service: z.string(), provider: z.string(), version: z.string() })),
  failures: z.array(z.object({ code: z.string(), service: z.string().optional(), summary: z.string() })),
});

export interface TestFailure {
  /** The test file, as Jest names it: an absolute path. */
  readonly file: string;
  readonly title: string;
  /** Without colours; message and stack. */
  readonly text: string;
}

export interface ProjectResult {
  readonly project: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** From the start of the first test file to the end of the last. */
  readonly elapsedMs: number;
  readonly failures: readonly TestFailure[];
  readonly tests: readonly { readonly title: string; readonly durationMs: number }[];
  readonly services: z.infer<typeof servicesResult>['services'];
  /** Why a service could not be had. */
  readonly serviceFailures: z.infer<typeof servicesResult>['failures'];
}

/** Reads `<project>.json` and `<project>.services.json` of every project, by name. What is no such file is passed over. */
export function readResults(folder: string): ProjectResult[] {
  const names = list(folder).filter((file) => file.endsWith('.json') && !file.endsWith('.services.json'));
  return names.flatMap((file) => {
    const jest = read(join(folder, file), jestResult);
    if (jest === undefined) return [];
    const had = read(join(folder, file.replace(/\.json$/, '.services.json')), servicesResult);
    return [{ project: file.replace(/\.json$/, ''), ...resultOf(jest), ...servicesOf(had) }];
  });
}

function resultOf(
  jest: z.infer<typeof jestResult>,
): Omit<ProjectResult, 'project' | 'services' | 'serviceFailures'> {
  const failures = jest.testResults.flatMap(failuresOf);
  const ran = jest.testResults.filter(({ startTime }) => startTime > 0); // a file that did not load has 0
  return {
    passed: jest.numPassedTests,
    failed: Math.max(jest.numFailedTests, failures.length),
    skipped: jest.numPendingTests,
    elapsedMs:
      ran.length === 0
        ? 0
        : Math.max(...ran.map(({ endTime }) => endTime)) - Math.min(...ran.map(({ startTime }) => startTime)),
    failures,
    tests: jest.testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ fullName, duration }) => ({ title: fullName, durationMs: duration ?? 0 })),
    ),
  };
}

function failuresOf({
  name,
  status,
  message,
  assertionResults,
}: z.infer<typeof jestResult>['testResults'][number]): TestFailure[] {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0 && status === 'failed')
    return [{ file: name, title: 'the file could not be run', text: withoutColours(message) }];
  return failed.map(({ fullName, failureMessages }) => ({
    file: name,
    title: fullName,
    text: withoutColours(failureMessages.join('\n\n')),
  }));
}

function servicesOf(
  had: z.infer<typeof servicesResult> | undefined,
): Pick<ProjectResult, 'services' | 'serviceFailures'> {
  return { services: had?.services ?? [], serviceFailures: had?.failures ?? [] };
}

function withoutColours(text: string): string {
  return stripVTControlCharacters(text).trim();
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function read<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
