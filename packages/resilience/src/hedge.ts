import { abortOf, type Attempt, type Call, invoke, onAbort, OwnAttempt } from './attempt.js';
import type { Clock } from './clock.js';
import { Deadlines } from './deadlines.js';
import { ResilienceError } from './errors.js';
import type { Notify } from './events.js';
import { definePolicy, type Policy } from './policy.js';
import { assertDuration } from './ranges.js';

export interface HedgeOptions {
  /** Milliseconds after which a call that has not come back is made a second time: above what most calls take. */
  readonly delayMs: number;
}

/**
 * Makes a slow call a second time and gives the first result. The other attempt is aborted, with a `superseded`; it may
 * have had its effect all the same, so this is for calls that may be made twice. A failure is given if the other attempt
 * failed too, or was not begun yet: it is the first one then.
 *
 * @throws RangeError at once if `delayMs` is out of range.
 */
export function hedge({ delayMs }: HedgeOptions, clock: Clock): Policy {
  assertDuration('delayMs', delayMs);
  const delays = new Deadlines(delayMs, clock);

  return definePolicy(<T>(call: Call<T>, attempt: Attempt, notify: Notify | undefined) => {
    return new Promise<T>((resolve, reject) => {
      const running = new Set<OwnAttempt>();
      let firstFailure: { readonly error: unknown } | undefined;
      const end = (reason: unknown): void => {
        delays.remove(delay);
        unlink();
        for (const other of running) other.giveUp(reason);
      };
      const make = (number: number): void => {
        const own = new OwnAttempt(number);
        running.add(own);
        invoke(call, own).then(
          (result) => {
            running.delete(own);
            // An error takes longer to make than all the rest, and most calls have no loser.
            end(
              running.size > 0
                ? new ResilienceError('superseded', 'the other attempt was faster')
                : undefined,
            );
            resolve(result);
          },
          (error: unknown) => {
            running.delete(own);
            firstFailure ??= { error };
            if (running.size > 0) return;
            end(undefined);
            reject(firstFailure.error);
          },
        );
      };
      const delay = delays.add(() => {
        notify?.({ type: 'hedged', afterMs: delayMs });
        make(attempt.number + 1);
      });
      const unlink = onAbort(attempt, () => {
        const reason = abortOf(attempt)?.reason;
        end(reason);
        reject(reason);
      });
      make(attempt.number);
    });
  }, clock);
}
