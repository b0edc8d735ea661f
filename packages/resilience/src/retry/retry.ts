import pRetry from 'p-retry';
import { abortOf, type Attempt, type Call, invoke } from '../attempt.js';
import type { Backoff } from '../backoff/backoff.js';
import type { Clock } from '../clock.js';
import { Deadlines } from '../deadlines.js';
import type { Notify } from '../events.js';
import { definePolicy, type Policy } from '../policy.js';
import { assertDuration, assertWhole } from '../ranges.js';
import { timedOut, within } from '../timeout.js';
import { attachAttempts, type FailedAttempt } from './failed-attempts.js';
import type { RetryBudget } from './retry-budget.js';

export interface RetryOptions {
  /** Attempts in all, the first one included: a whole number from 1. With 1 nothing is ever retried. */
  readonly maxAttempts: number;
  /** Milliseconds to wait after a failed attempt. */
  readonly backoff: Backoff;
  /**
   * Says whether a failed call may be made again. There is no default: a retry of what was not classified
   * is a duplicate write. Asked for `ResilienceError`s too, such as `timed-out` after `attemptTimeoutMs`.
   */
  readonly isTransient: (error: unknown) => boolean;
  /** Gives every attempt so many milliseconds. @defaultValue for ever */
  readonly attemptTimeoutMs?: number;
  /**
   * Milliseconds for all attempts and the waits between them. When they are over, the running attempt is aborted; an
   * attempt that could only begin after them is not waited for. @defaultValue for ever
   */
  readonly deadlineMs?: number;
  /**
   * Milliseconds for which the server that threw this wants to be left alone, such as a Retry-After. The backoff comes on
   * top of them, so that not everybody returns at the same moment. @defaultValue never
   */
  readonly retryAfterMs?: (error: unknown) => number | undefined;
  /** A server that asks for more is not asked again. @defaultValue 60_000 */
  readonly maxRetryAfterMs?: number;
  /** Shared by all callers of one server, it bounds the retries of all of them together. @defaultValue none */
  readonly budget?: RetryBudget;
  /** Which transient errors say that the server is busy, not broken: to a budget these cost less. @defaultValue none */
  readonly isThrottling?: (error: unknown) => boolean;
}

/**
 * Makes a call again while it fails with transient errors.
 * The wait is on `clock` and ends the moment the signal aborts; no call is made after that.
 * When the attempts are used up, the last error is thrown as it was, with all of them attached: see `attemptsOf`.
 *
 * @throws RangeError at once if an option is out of range or contradicts another.
 */
export function retry(options: RetryOptions, clock: Clock): Policy {
  assertOptions(options);
  const { attemptTimeoutMs, budget, deadlineMs } = options;
  const timeouts = attemptTimeoutMs === undefined ? undefined : new Deadlines(attemptTimeoutMs, clock);
  const deadlines = deadlineMs === undefined ? undefined : new Deadlines(deadlineMs, clock);

  const makeOnce = <T>(call: Call<T>, attempt: Attempt, notify: Notify | undefined): Promise<T> => {
    if (timeouts === undefined) return invoke(call, attempt);
    return within(timeouts, call, attempt, () => {
      notify?.({ type: 'timed-out', afterMs: attemptTimeoutMs ?? NaN });
      return timedOut(attemptTimeoutMs ?? NaN, 'attemptTimeoutMs');
    });
  };
  const onSuccess = <T>(result: T): T => {
    budget?.succeeded();
    return result;
  };
  const makeAll = <T>(call: Call<T>, attempt: Attempt, series: Series): Promise<T> => {
    const once: Call<T> = (each) => makeOnce(call, each, series.notify);
    // The first attempt is made directly: entering the loop of p-retry costs 7 µs, and most calls succeed at once.
    const onFailure = (error: unknown): Promise<T> =>
      retryAfter(error, once, attempt, series, options, clock);
    return budget === undefined
      ? once(attempt).catch(onFailure)
      : once(attempt).then(onSuccess<T>, onFailure);
  };
  return definePolicy(<T>(call: Call<T>, attempt: Attempt, notify: Notify | undefined) => {
    const series: Series = { notify, failed: [], endMs: Infinity };
    if (deadlines === undefined || deadlineMs === undefined) return makeAll(call, attempt, series);
    series.endMs = clock.nowMs() + deadlineMs;
    return within(
      deadlines,
      (own) => makeAll(call, own, series),
      attempt,
      () => {
        notify?.({ type: 'timed-out', afterMs: deadlineMs });
        return attachAttempts(timedOut(deadlineMs, 'deadlineMs'), [...series.failed]);
      },
    );
  }, clock);
}

/** The attempts of one call. */
interface Series {
  readonly notify: Notify | undefined;
  readonly failed: FailedAttempt[];
  /** When the deadline passes. */
  endMs: number;
}

async function retryAfter<T>(
  firstError: unknown,
  call: Call<T>,
  attempt: Attempt,
  { notify, failed, endMs }: Series,
  options: RetryOptions,
  clock: Clock,
): Promise<T> {
  const { maxAttempts, budget } = options;
  throwIfAborted(attempt);
  let paid = 0;
  let delayMs = 0;
  const make = async (number: number): Promise<T> => {
    try {
      if (number === 1) throw firstError;
      return await call({ number, signal: attempt.signal });
    } catch (error) {
      failed.push({ number, cause: error });
      throw new Carrier(error);
    }
  };
  try {
    const result = await pRetry(make, {
      retries: maxAttempts - 1, // p-retry counts the calls after the first
      minTimeout: 0, // it never sleeps: the wait is below, on our clock
      maxTimeout: 0,
      shouldRetry: async ({ error, attemptNumber }) => {
        throwIfAborted(attempt);
        const cause = originalOf(error);
        const waitMs = options.isTransient(cause)
          ? delayAfter(cause, attemptNumber, delayMs, options)
          : undefined;
        if (waitMs === undefined || clock.nowMs() + waitMs.totalMs >= endMs) return false;
        const cost = budget?.pay(options.isThrottling?.(cause) === true);
        if (cost === false) {
          notify?.({ type: 'budget-exhausted', cause });
          return false;
        }
        paid = cost ?? 0;
        delayMs = waitMs.backoffMs;
        failed[failed.length - 1] = { number: attemptNumber, cause, delayMs: waitMs.totalMs };
        notify?.({ type: 'retry', number: attemptNumber + 1, delayMs: waitMs.totalMs, cause });
        await clock.sleep(waitMs.totalMs, attempt.signal);
        throwIfAborted(attempt);
        return true;
      },
    });
    budget?.refund(paid);
    return result;
  } catch (error) {
    throwIfAborted(attempt);
    throw attachAttempts(originalOf(error), failed);
  }
}

/** @returns `undefined` if the server wants to be left alone for longer than we wait. */
function delayAfter(
  cause: unknown,
  failedAttempt: number,
  previousMs: number,
  { backoff, retryAfterMs, maxRetryAfterMs = 60_000 }: RetryOptions,
): { readonly totalMs: number; readonly backoffMs: number } | undefined {
  const askedMs = Math.max(0, retryAfterMs?.(cause) ?? 0);
  if (askedMs > maxRetryAfterMs) return undefined;
  const backoffMs = backoff(failedAttempt, previousMs);
  return { totalMs: askedMs + backoffMs, backoffMs };
}

function throwIfAborted(attempt: Attempt): void {
  const aborted = abortOf(attempt);
  if (aborted !== undefined) throw aborted.reason;
}

/** Carries what a call threw past p-retry, which replaces what is no Error and never retries a TypeError. */
class Carrier extends Error {
  constructor(readonly original: unknown) {
    super();
  }
}

function originalOf(error: unknown): unknown {
  return error instanceof Carrier ? error.original : error;
}

function assertOptions({ maxAttempts, attemptTimeoutMs, deadlineMs, maxRetryAfterMs }: RetryOptions): void {
  assertWhole('maxAttempts', maxAttempts, 1);
  if (attemptTimeoutMs !== undefined) assertDuration('attemptTimeoutMs', attemptTimeoutMs);
  if (deadlineMs !== undefined) assertDuration('deadlineMs', deadlineMs);
  if (maxRetryAfterMs !== undefined) assertDuration('maxRetryAfterMs', maxRetryAfterMs);
  if (deadlineMs !== undefined && attemptTimeoutMs !== undefined && deadlineMs < attemptTimeoutMs) {
    throw new RangeError(
      `deadlineMs is ${String(deadlineMs)}; it must be at least attemptTimeoutMs, which is ${String(attemptTimeoutMs)}`,
    );
  }
}
