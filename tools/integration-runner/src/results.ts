import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { SuiteProject } from './workspace-suites.js';

/** What Jest wrote of a project's run; only what is shown. Times in milliseconds since 1970. */
const jestResult = z.object({
  startTime: z.number(),
  numTotalTestSuites: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      startTime: z.number(),
      endTime: z.number(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()),
          title: z.string(),
          status: z.string(),
          duration: z.number().nullish(),
          startAt: z.number().nullish(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** What the harness wrote of the services that the run had. */
const servicesResult = z.object({
  services: z.array(
    z.object({
      service: z.string(),
      provider: z.string(),
      version: z.string(),
      endpoint: z.string(),
      startedInMs: z.number().optional(),
    }),
  ),
  failures: z.array(z.object({ code: z.string(), service: z.string().optional(), summary: z.string() })),
});

export interface TestResult {
  /** From the workspace's folder. */
  readonly file: string;
  /** Titles of the suites around it, the outermost first, and its own; without markers. */
  readonly titles: readonly string[];
  readonly tags: readonly string[];
  readonly services: readonly string[];
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly startedAtMs: number | undefined;
  readonly tookMs: number;
  /** Plain text. Of a failed test alone. */
  readonly message: string | undefined;
}

export interface FileResult {
  readonly file: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

export interface ServiceFailed {
  readonly code: string;
  readonly service?: string | undefined;
  readonly summary: string;
}

export interface ProjectResult {
  readonly project: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly elapsedMs: number;
  /** Not run this time: nothing that it depends on has changed. */
  readonly fromCache: boolean;
  readonly files: readonly FileResult[];
  readonly tests: readonly TestResult[];
  readonly services: z.infer<typeof servicesResult>['services'];
  readonly failures: readonly ServiceFailed[];
}

/** The files of a project's results, in the folder of them all. Nx caches both and brings them back. */
export function resultFiles(project: string): { readonly jest: string; readonly services: string } {
  const base = project.replace(/[^\w.-]+/g, '-');
  return { jest: `${base}.json`, services: `${base}.services.json` };
}

/** @returns `undefined` if there is no result, or none that can be read */
export function readResult(
  folder: string,
  { name, services: declared }: Pick<SuiteProject, 'name' | 'services'>,
  { startedAtMs, workspaceRoot }: { readonly startedAtMs: number; readonly workspaceRoot: string },
): ProjectResult | undefined {
  const files = resultFiles(name);
  const jest = read(join(folder, files.jest), jestResult);
  if (jest === undefined) return undefined;
  const had = read(join(folder, files.services), servicesResult);
  const tests = jest.testResults.flatMap((file) => testsOf(file, declared, workspaceRoot));
  const count = (status: TestResult['status']): number =>
    tests.filter((test) => test.status === status).length;
  const ends = jest.testResults.map(({ endTime }) => endTime);
  return {
    project: name,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    elapsedMs: Math.max(jest.startTime, ...ends) - jest.startTime, // a file that did not load ended at 0
    fromCache: jest.startTime < startedAtMs,
    files: jest.testResults
      .filter(
        (file) => file.assertionResults.some(({ status }) => !isSkipped(status)) || file.status === 'failed',
      )
      .map(({ name: file, startTime, endTime }) => ({
        file: relative(workspaceRoot, file),
        startedAtMs: startTime,
        endedAtMs: Math.max(startTime, endTime),
      })),
    tests,
    services: had?.services ?? [],
    failures: had?.failures ?? [],
  };
}

type JestFile = z.infer<typeof jestResult>['testResults'][number];

function testsOf(found: JestFile, declared: readonly string[], workspaceRoot: string): TestResult[] {
  const file = relative(workspaceRoot, found.name);
  if (found.assertionResults.length === 0 && found.status === 'failed') {
    // A file that could not even be loaded has no test that failed.
    const message = plain(found.message).replace(/^● .*\n+/, ''); // a heading

    const unread = { tags: [], services: [], startedAtMs: undefined, tookMs: 0 };
    return [{ file, titles: ['(the file could not be run)'], ...unread, status: 'failed', message }];
  }
  return found.assertionResults.map(
    ({ ancestorTitles, title, status, duration, startAt, failureMessages }) => {
      const parts = [...ancestorTitles, title].map(readMarkers);
      const words = [...new Set(parts.flatMap((part) => part.words))];
      const failed = status === 'failed';
      return {
        file,
        titles: parts.map((part) => part.title),
        tags: words.filter((word) => !declared.includes(word)),
        services: words.filter((word) => declared.includes(word)),
        status: failed ? 'failed' : isSkipped(status) ? 'skipped' : 'passed',
        startedAtMs: startAt ?? undefined,
        tookMs: duration ?? 0,
        message: failed ? plain((failureMessages ?? []).join('\n\n')) : undefined,
      };
    },
  );
}

/** Parts a title from the words with `@` that the harness puts at its end. */
export function readMarkers(title: string): { readonly title: string; readonly words: readonly string[] } {
  const [markers = ''] = /(?: @[a-z][a-z0-9-]*)+$/.exec(title) ?? [];
  const words = markers.split(' @').filter((word) => word !== '');
  return { title: title.slice(0, title.length - markers.length), words };
}

/** As people say it: `reading › ends with its scope`. */
export function nameOf({ titles }: Pick<TestResult, 'titles'>): string {
  return titles.join(' › ');
}

function isSkipped(status: string): boolean {
  return ['pending', 'skipped', 'todo', 'disabled'].includes(status);
}

/** A message of megabytes would help nobody. */
const longestMessage = 20_000;

function plain(text: string): string {
  const stripped = stripVTControlCharacters(text).trim();
  return stripped.length > longestMessage ? `${stripped.slice(0, longestMessage)} …` : stripped;
}

function read<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
