import { readFile } from 'node:fs/promises';
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
  /**
   * A Markdown file whose section `Conformance` names each of `expectedFailures` in backquotes, and no other requirement: it
   * is read as one more test. @defaultValue none
   */
  readonly readme?: URL;
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
  { name, expectedFailures, readme, seed = defaultSeed, reportFile }: ConformanceOptions<Id>,
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
    if (readme !== undefined) {
      test(
        'the README names what is not met yet',
        () => requireNamed(readme, requirements, expectedFailures ?? {}),
        releaseMs,
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

/** @throws Error that says which requirement is missing there, or is there and should not. */
export async function requireNamed(
  readme: URL,
  requirements: Requirements<never>,
  expectedFailures: Readonly<Record<string, unknown>>,
): Promise<void> {
  const [, section] =
    /^## Conformance$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(await readFile(readme, 'utf8')) ?? [];
  if (section === undefined) throw new Error(`${readme.pathname} has no section "## Conformance"`);
  const named = Object.keys(requirements).filter((id) => section.includes(`\`${id}\``));
  const missing = Object.keys(expectedFailures).filter((id) => !named.includes(id));
  const wrong = named.filter((id) => !Object.hasOwn(expectedFailures, id));
  if (missing.length > 0)
    throw new Error(`the README does not say that these are not met yet: ${missing.join(', ')}`);
  if (wrong.length > 0)
    throw new Error(`the README says that these are not met, and they are: ${wrong.join(', ')}`);
}

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
