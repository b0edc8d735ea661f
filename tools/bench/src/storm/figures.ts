import type { Course, Scenario } from './simulate.js';

/** What a course comes to. The normal load is what all calls come to if each is one attempt. */
export interface Figures {
  /** Attempts that reached the server while it was down, for each call that was made in that time. */
  readonly amplification: number;
  /** In the worst second of the outage, and of the 30 seconds after it: how many times the normal load. */
  readonly peakDuring: number;
  readonly peakAfter: number;
  /** Seconds from the end of the outage until at least 99 % of each second's calls succeed; `undefined`: it never came. */
  readonly recoveredAfter: number | undefined;
  /** Shares of the calls that were made from the beginning of the outage on, and after its end. */
  readonly failed: number;
  readonly failedAfter: number;
}

/** Calls of the last seconds may not have come to their end yet: they are not judged. */
const unjudged = 10;
const watchedAfter = 30;

export function figuresOf({ calls, succeeded, attempts }: Course, scenario: Scenario): Figures {
  const { outage, clients, callsPerSecond } = scenario;
  const end = scenario.end - unjudged;
  const normal = clients * callsPerSecond;
  const share = (part: readonly number[], whole: readonly number[], from: number, until: number): number =>
    sum(part.slice(from, until)) / sum(whole.slice(from, until));
  const peak = (from: number, until: number): number => Math.max(...attempts.slice(from, until)) / normal;
  const isWell = (second: number): boolean => (succeeded[second] ?? 0) >= 0.99 * (calls[second] ?? 0);
  let recovered = end;
  while (recovered > outage.until && isWell(recovered - 1)) recovered--;
  return {
    amplification: share(attempts, calls, outage.from, outage.until),
    peakDuring: peak(outage.from, outage.until),
    peakAfter: peak(outage.until, outage.until + watchedAfter),
    recoveredAfter: recovered === end ? undefined : recovered - outage.until,
    failed: 1 - share(succeeded, calls, outage.from, end),
    failedAfter: 1 - share(succeeded, calls, outage.until, end),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
