import { abortOf, type Attempt, type Call, invoke, onAbort, OwnAttempt } from './attempt.js';
import type { Clock } from './clock.js';
import { Deadlines } from './deadlines.js';
import { ResilienceError } from './errors.js';
import { definePolicy, type Policy } from './policy.js';
import { assertDuration } from './ranges.js';

export interface TimeoutOptions {
  /** Milliseconds, more than 0 and at most `longestSleepMs`; `Infinity` waits for ever and costs nothing. */
  readonly timeoutMs: number;
  /** Makes what is thrown, and what aborts the attempt, when the time is up. @defaultValue a `ResilienceError` `timed-out` */
  readonly error?: () => unknown;
}

/**
 * Gives a call a deadline. When it passes, or the caller's signal aborts, the attempt's signal aborts and the policy
 * rejects at once, whether or not the call pays attention. What the call does afterwards is ignored.
 *
 * @throws RangeError at once if `timeoutMs` is out of range.
 */
export function timeout(options: TimeoutOptions, clock: Clock): Policy {
  const { timeoutMs, error = () => timedOut(timeoutMs, 'timeoutMs') } = options;
  if (timeoutMs === Infinity) return definePolicy((call, attempt) => invoke(call, attempt), clock);
  assertDuration('timeoutMs', timeoutMs);
  const deadlines = new Deadlines(timeoutMs, clock);
  return definePolicy(
    (call, attempt, notify) =>
      within(deadlines, call, attempt, () => {
        notify?.({ type: 'timed-out', afterMs: timeoutMs });
        return error();
      }),
    clock,
  );
}

/** Makes a call with a deadline. `onDue` makes the error when it passes. */
export function within<T>(
  deadlines: Deadlines,
  call: Call<T>,
  attempt: Attempt,
  onDue: () => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const own = new OwnAttempt(attempt.number);
    const end = (): void => {
      deadlines.remove(deadline);
      unlink();
    };
    const giveUp = (reason: unknown): void => {
      end();
      own.giveUp(reason);
      reject(reason);
    };
    const deadline = deadlines.add(() => {
      giveUp(madeBy(onDue));
    });
    const unlink = onAbort(attempt, () => {
      giveUp(abortOf(attempt)?.reason);
    });
    invoke(call, own).then(
      (result) => {
        end();
        resolve(result);
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}

export function timedOut(ms: number, option: string): ResilienceError {
  return new ResilienceError('timed-out', `no answer in ${String(ms)} ms (${option})`);
}

/** Thrown where a timer calls, it would reach nobody. */
function madeBy(error: () => unknown): unknown {
  try {
    return error();
  } catch (thrown) {
    return thrown;
  }
}
