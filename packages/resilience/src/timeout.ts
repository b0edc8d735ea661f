import type { Clock } from './clock.js';
import { assertSleepable } from './clock.js';
import type { Policy } from './policy.js';

export interface TimeoutOptions {
  /** Milliseconds, more than 0 and at most `longestSleepMs`; `Infinity` waits for ever and costs nothing. */
  readonly timeoutMs: number;
  /** Makes what is thrown, and what aborts the attempt, when the time is up. */
  readonly error: () => unknown;
}

/**
 * Gives a call a deadline. When it passes, or the caller's signal aborts, the attempt's signal aborts and the policy
 * rejects at once, whether or not the call pays attention. What the call does afterwards is ignored.
 *
 * @throws RangeError at once if `timeoutMs` is out of range.
 */
export function timeout({ timeoutMs, error }: TimeoutOptions, clock: Clock): Policy {
  if (timeoutMs === Infinity) return (call, signal) => call({ number: 1, signal });
  if (!(timeoutMs > 0)) throw new RangeError(`timeoutMs is ${String(timeoutMs)}; it must be more than 0`);
  assertSleepable(timeoutMs);

  return async (call, signal) => {
    signal?.throwIfAborted();
    const attempt = new AbortController();
    const done = new AbortController();
    const onAbort = (): void => {
      attempt.abort(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const givenUp = new Promise<never>((_resolve, reject) => {
      attempt.signal.addEventListener('abort', () => {
        reject(attempt.signal.reason);
      });
    });
    clock.sleep(timeoutMs, done.signal).then(
      () => {
        attempt.abort(error());
      },
      () => undefined, // the call was faster
    );
    try {
      return await Promise.race([call({ number: 1, signal: attempt.signal }), givenUp]);
    } finally {
      done.abort();
      signal?.removeEventListener('abort', onAbort);
    }
  };
}
