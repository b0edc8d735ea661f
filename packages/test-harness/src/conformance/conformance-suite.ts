import { stopwatch } from '../events.js';
import { HarnessError } from '../harness-error.js';
import { type ConformanceReport, reportOf, writeConformanceReport } from './report.js';
import {
  type Finding,
  type Requirement,
  type Requirements,
  timeoutOf,
  type Trial,
  tryRequirement,
} from './requirement.js';

/** What all conformance suites take. */
export interface ConformanceOptions<Id extends string> {
  /** What is tried, for titles and the report. */
  readonly name: string;
  /**
   * What is known not to be met yet, with a part of the evidence. Meeting one of them fails too, and so does failing it by
   * something else: so the list stays true. @defaultValue none
   */
  readonly expectedFailures?: Readonly<Partial<Record<Id, string>>>;
  /** Decides where faults strike. 0 to 2^32 - 1. @defaultValue 1 */
  readonly seed?: number;
  /** Where the report is written as JSON once all are tried; a path or a file URL. @defaultValue nowhere */
  readonly reportFile?: string | URL;
}

/** The part of a test runner that is used: Jest's globals have this shape. */
interface Runner {
  readonly describe: (title: string, body: () => void) => void;
  readonly test: (title: string, body: () => Promise<void>, timeoutMs: number) => void;
  readonly afterAll: (body: () => void) => void;
}

/** What a requirement may take more than its own limit: the bench is let go after it. */
const releaseMs = 15_000;

/** One test for each requirement, and a report after the last. */
export function registerSuite<Bench, Id extends string>(
  suite: ConformanceReport['suite'],
  requirements: Requirements<Bench, Id>,
  { name, expectedFailures, seed = defaultSeed, reportFile }: ConformanceOptions<Id>,
  bench: Trial<Bench>['bench'],
): void {
  checkNames(requirements, Object.keys(expectedFailures ?? {}));
  const { describe, test, afterAll } = runner();
  const findings: Finding[] = [];
  describe(`${name}, as a ${suite.replace('-', ' ')}`, () => {
    for (const [id, requirement] of entriesOf(requirements)) {
      const expected = expectedFailures?.[id];
      test(
        `${requirement.title} (${id})${expected === undefined ? '' : ', which is not met yet'}`,
        async () => {
          const finding = await tryRequirement(id, requirement, { bench, stopwatch }, expected);
          findings.push(finding);
          requireVerdict(finding, seed);
        },
        timeoutOf(requirement) + releaseMs,
      );
    }
    afterAll(() => {
      if (reportFile !== undefined) {
        writeConformanceReport(reportFile, reportOf({ suite, implementation: name, seed }, findings));
      }
    });
  });
}

export const defaultSeed = 1;

/** Tries all requirements, or some, one after the other, without a test runner. */
export async function reportSuite<Bench, Id extends string>(
  suite: ConformanceReport['suite'],
  requirements: Requirements<Bench, Id>,
  {
    name,
    expectedFailures,
    seed = defaultSeed,
    only,
  }: ConformanceOptions<Id> & { readonly only?: readonly Id[] | undefined },
  bench: Trial<Bench>['bench'],
): Promise<ConformanceReport> {
  checkNames(requirements, [...Object.keys(expectedFailures ?? {}), ...(only ?? [])]);
  const findings: Finding[] = [];
  for (const [id, requirement] of entriesOf(requirements)) {
    if (only?.includes(id) === false) continue;
    findings.push(await tryRequirement(id, requirement, { bench, stopwatch }, expectedFailures?.[id]));
  }
  return reportOf({ suite, implementation: name, seed }, findings);
}

function entriesOf<Bench, Id extends string>(
  requirements: Requirements<Bench, Id>,
): [Id, Requirement<Bench>][] {
  return Object.entries(requirements) as [Id, Requirement<Bench>][];
}

function checkNames(requirements: Requirements<never>, named: readonly string[]): void {
  const unknown = named.find((id) => !Object.hasOwn(requirements, id));
  if (unknown === undefined) return;
  const known = Object.keys(requirements).join(', ');
  throw new HarnessError(
    'invalid-option',
    `there is no requirement ${JSON.stringify(unknown)}; there are ${known}`,
  );
}

function requireVerdict({ requirement, verdict, evidence }: Finding, seed: number): void {
  if (verdict === 'failed') throw new Error(`${requirement} is not met (seed ${String(seed)}): ${evidence}`);
  if (verdict === 'passed-unexpectedly') {
    throw new Error(`${requirement} is met now (${evidence}): take it out of expectedFailures`);
  }
}

function runner(): Runner {
  const { describe, test, afterAll }: Partial<Runner> = globalThis as Partial<Runner>;
  if (describe !== undefined && test !== undefined && afterAll !== undefined)
    return { describe, test, afterAll };
  throw new HarnessError(
    'invalid-option',
    'a conformance suite needs the globals `describe`, `test` and `afterAll`, as Jest has them',
  );
}
