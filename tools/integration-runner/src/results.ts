import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What Jest wrote of a project's run; only what the report shows. Times in milliseconds since 1970. */
const jestResult = z.object({
  startTime: z.number(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTotalTestSuites: z.number(),
  numFailedTestSuites: z.number(),
  testResults: z.array(z.object({ startTime: z.number(), endTime: z.number() })),
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
      logFile: z.string().optional(),
    }),
  ),
  failures: z.array(z.object({ code: z.string(), service: z.string().optional(), summary: z.string() })),
});

export interface ProjectResult {
  readonly project: string;
  readonly suites: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly elapsedMs: number;
  /** Not run this time: nothing that it depends on has changed. */
  readonly fromCache: boolean;
  readonly services: z.infer<typeof servicesResult>['services'];
  readonly failures: z.infer<typeof servicesResult>['failures'];
}

/** Reads the results of every project, by name. A file that is not there or is no result is passed over. */
export function readResults(folder: string, startedAtMs: number): ProjectResult[] {
  const names = list(folder).filter((file) => file.endsWith('.json') && !file.endsWith('.services.json'));
  return names.flatMap((file) => {
    const jest = read(join(folder, file), jestResult);
    if (jest === undefined) return [];
    const had = read(join(folder, file.replace(/\.json$/, '.services.json')), servicesResult);
    const ends = jest.testResults.map(({ endTime }) => endTime);
    return [
      {
        project: file.replace(/\.json$/, ''),
        suites: jest.numTotalTestSuites,
        passed: jest.numPassedTests,
        // A suite that could not even be loaded has no test that failed.
        failed: Math.max(jest.numFailedTests, jest.numFailedTestSuites === 0 ? 0 : 1),
        skipped: jest.numPendingTests,
        elapsedMs: Math.max(jest.startTime, ...ends) - jest.startTime, // a suite that did not load ended at 0
        fromCache: jest.startTime < startedAtMs,
        services: had?.services ?? [],
        failures: had?.failures ?? [],
      },
    ];
  });
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
