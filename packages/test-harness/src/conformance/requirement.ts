import { inspect } from 'node:util';
import { within } from '../deadline.js';

/** One thing that an implementation of the contract must do, and how it is found out. */
export interface Requirement<Bench> {
  /** What must be so, as a sentence. */
  readonly title: string;
  /** Public complaints of users whose tool did otherwise, such as `airbyte#10782`; empty if none is known. */
  readonly answers: readonly string[];
  /** Milliseconds after which it has failed. @defaultValue 60_000 */
  readonly timeoutMs?: number;
  /**
   * Tries it. Each requirement is tried on a bench of its own.
   *
   * @returns the evidence: what was done, and how often
   * @throws NonConformance, or whatever the implementation threw
   */
  readonly check: (bench: Bench) => Promise<string>;
}

/** The requirements of one suite, by the name that reports and lists of expected failures call them. */
export type Requirements<Bench, Id extends string = string> = Readonly<Record<Id, Requirement<Bench>>>;

/** Something was done that the contract does not allow. The message is the evidence. */
export class NonConformance extends Error {
  override readonly name = 'NonConformance';
}

export interface Finding<Id extends string = string> {
  readonly requirement: Id;
  readonly title: string;
  /** `failed-as-expected` and `passed-unexpectedly` are of those that the suite was told would fail. */
  readonly verdict: 'passed' | 'failed' | 'failed-as-expected' | 'passed-unexpectedly';
  /** What was done, or what was wrong. */
  readonly evidence: string;
  readonly tookMs: number;
}

/** What a suite knows of the world, and a bench for each requirement. */
export interface Trial<Bench> {
  /** Makes the bench for one requirement. What it holds is let go when the requirement has been tried. */
  readonly bench: (signal: AbortSignal) => Promise<Bench & AsyncDisposable>;
  readonly stopwatch: () => () => number;
}

const defaultTimeoutMs = 60_000;

/** The longest that a requirement may take. */
export function timeoutOf({ timeoutMs = defaultTimeoutMs }: Pick<Requirement<never>, 'timeoutMs'>): number {
  return timeoutMs;
}

/**
 * Tries one requirement. What goes wrong, in whatever way, is a failure of the requirement and not of this.
 *
 * @param expectedFailure - What the evidence says if it is not met, as was expected.
 */
export async function tryRequirement<Bench, Id extends string>(
  id: Id,
  requirement: Requirement<Bench>,
  { bench, stopwatch }: Trial<Bench>,
  expectedFailure: string | undefined,
): Promise<Finding<Id>> {
  const tookMs = stopwatch();
  const limit = { what: `requirement ${id}`, ms: timeoutOf(requirement) };
  const outcome = await within(limit, async (signal) => {
    await using own = await bench(signal);
    return await requirement.check(own);
  }).then(
    (evidence) => ({ isMet: true, evidence }),
    (error: unknown) => ({ isMet: false, evidence: evidenceOf(error) }),
  );
  const verdict = verdictOf(outcome, expectedFailure);
  return { requirement: id, title: requirement.title, verdict, evidence: outcome.evidence, tookMs: tookMs() };
}

function verdictOf(
  { isMet, evidence }: { readonly isMet: boolean; readonly evidence: string },
  expectedFailure: string | undefined,
): Finding['verdict'] {
  if (isMet) return expectedFailure === undefined ? 'passed' : 'passed-unexpectedly';
  // Not by what broke on the way: a server that is gone would make true whatever is expected.
  return expectedFailure !== undefined && evidence.includes(expectedFailure)
    ? 'failed-as-expected'
    : 'failed';
}

/** An error as evidence: what was said, and not where in whose code. */
export function evidenceOf(error: unknown): string {
  if (error instanceof NonConformance) return error.message;
  if (!(error instanceof Error)) return `thrown: ${inspect(error)}`;
  // What was thrown while something else was on its way, as by the end of a lease. Older Node has no class for it.
  if ('suppressed' in error && 'error' in error) {
    return `${evidenceOf(error.suppressed)}; then ${evidenceOf(error.error)}`;
  }
  return `${error.name}: ${error.message}`;
}
