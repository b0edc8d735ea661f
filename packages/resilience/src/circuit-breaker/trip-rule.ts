import { assertDuration, assertPositive, assertWhole } from '../ranges.js';
import { CountWindow } from './count-window.js';
import { TimeWindow } from './time-window.js';

/** When a closed circuit opens. */
export type TripRule =
  /** So many failures in a row: a whole number from 1. */
  | { readonly type: 'consecutive'; readonly failures: number }
  /** A share of the last `calls`, none of them older than `maxAgeMs`. */
  | ({ readonly type: 'count-window'; readonly calls: number; readonly maxAgeMs?: number } & Shares)
  /** A share of the calls of the last `windowMs`, which age in `buckets` steps. */
  | ({ readonly type: 'time-window'; readonly windowMs: number; readonly buckets?: number } & Shares);

/** At least one of the two shares. */
export interface Shares {
  /** With fewer calls in the window nothing opens: a whole number from 1. */
  readonly minimumCalls: number;
  /** Of failures among the calls, more than 0, at most 1. */
  readonly failureRatio?: number;
  /** Of slow calls, failed or not. A call is slow from `slowMs` on. */
  readonly slowCallRatio?: number;
  readonly slowMs?: number;
}

/** The calls that a window holds. */
export interface Tally {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/** Remembers outcomes for as long as its rule wants. */
export interface FailureWindow {
  /** Why the circuit has to open now that this was the outcome of a call; `undefined` if it has not. */
  record(isFailure: boolean, isSlow: boolean, nowMs: number): string | undefined;
  clear(): void;
}

/** @throws RangeError for an option that is out of range or contradicts another. */
export function failureWindow(rule: TripRule): FailureWindow {
  switch (rule.type) {
    case 'consecutive':
      assertWhole('rule.failures', rule.failures, 1);
      return new ConsecutiveFailures(rule.failures);
    case 'count-window': {
      const { calls, maxAgeMs = 60_000 } = rule;
      assertWhole('rule.calls', calls, 1, 1_000_000);
      assertDuration('rule.maxAgeMs', maxAgeMs);
      assertShares(rule);
      if (rule.minimumCalls > calls)
        throw new RangeError(
          `rule.minimumCalls is ${String(rule.minimumCalls)}; it must be at most rule.calls, which is ${String(calls)}`,
        );
      return sharing(new CountWindow(calls, maxAgeMs), rule);
    }
    case 'time-window': {
      const { windowMs, buckets = 10 } = rule;
      assertDuration('rule.windowMs', windowMs);
      assertWhole('rule.buckets', buckets, 1, 1_000);
      if (windowMs < buckets)
        throw new RangeError(
          `rule.windowMs is ${String(windowMs)}; it must be at least rule.buckets, which is ${String(buckets)}: one millisecond for each`,
        );
      assertShares(rule);
      return sharing(new TimeWindow(windowMs, buckets), rule);
    }
  }
}

class ConsecutiveFailures implements FailureWindow {
  #inARow = 0;

  constructor(readonly limit: number) {}

  record(isFailure: boolean): string | undefined {
    this.#inARow = isFailure ? this.#inARow + 1 : 0;
    return this.#inARow >= this.limit ? `${String(this.#inARow)} failures in a row` : undefined;
  }

  clear(): void {
    this.#inARow = 0;
  }
}

interface TallyWindow {
  /** Adds an outcome and forgets what is too old. @returns what is left, good until the next call */
  add(isFailure: boolean, isSlow: boolean, nowMs: number): Tally;
  clear(): void;
}

function sharing(window: TallyWindow, shares: Shares): FailureWindow {
  const { minimumCalls, failureRatio = Infinity, slowCallRatio = Infinity } = shares;
  return {
    record(isFailure, isSlow, nowMs) {
      const { calls, failures, slow } = window.add(isFailure, isSlow, nowMs);
      if (calls < minimumCalls) return undefined;
      if (failures >= failureRatio * calls) return `${String(failures)} of ${String(calls)} calls failed`;
      if (slow >= slowCallRatio * calls) return `${String(slow)} of ${String(calls)} calls were slow`;
      return undefined;
    },
    clear: () => {
      window.clear();
    },
  };
}

function assertShares({ minimumCalls, failureRatio, slowCallRatio, slowMs }: Shares): void {
  assertWhole('rule.minimumCalls', minimumCalls, 1);
  if (failureRatio === undefined && slowCallRatio === undefined)
    throw new RangeError('a rule with a window needs rule.failureRatio or rule.slowCallRatio');
  if (failureRatio !== undefined) assertPositive('rule.failureRatio', failureRatio, 1);
  if (slowCallRatio !== undefined) assertPositive('rule.slowCallRatio', slowCallRatio, 1);
  if ((slowCallRatio === undefined) !== (slowMs === undefined))
    throw new RangeError('rule.slowCallRatio and rule.slowMs are given together, or neither is');
  if (slowMs !== undefined) assertDuration('rule.slowMs', slowMs);
}
