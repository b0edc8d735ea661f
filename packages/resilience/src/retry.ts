import pRetry from 'p-retry';
import type { Backoff } from './backoff/backoff.js';
import type { Clock } from './clock.js';
import type { Call, Policy } from './policy.js';

export interface RetryOptions {
  /** Attempts in all, the first one included: a whole number from 1. With 1 nothing is ever retried. */
  readonly maxAttempts: number;
  /** Milliseconds to wait after a failed attempt. */
  readonly backoff: Backoff;
  /**
   * Says whether a failed call may be made again. There is no default: a retry of what was not classified
   * is a duplicate write.
   */
  readonly isTransient: (error: unknown) => boolean;
}

/**
 * Makes a call again while it fails with transient errors.
 * The wait is on `clock` and ends the moment the signal aborts; no call is made after that.
 * When the attempts are used up, the last error is thrown as it was.
 *
 * @throws RangeError at once if `maxAttempts` is out of range.
 */
export function retry(options: RetryOptions, clock: Clock): Policy {
  const { maxAttempts } = options;
  if (!Number.isSafeInteger(maxAttempts) || maxAttempts < 1) {
    throw new RangeError(`maxAttempts is ${String(maxAttempts)}; it must be a whole number from 1`);
  }
  return async (call, signal) => {
    signal?.throwIfAborted();
    try {
      // The first attempt is made directly: entering the loop of p-retry costs 7 µs, most calls succeed at once.
      return await call({ number: 1, signal });
    } catch (error) {
      signal?.throwIfAborted();
      if (maxAttempts === 1) throw error;
      return retryAfter(error, call, signal, options, clock);
    }
  };
}

async function retryAfter<T>(
  firstError: unknown,
  call: Call<T>,
  signal: AbortSignal | undefined,
  { maxAttempts, backoff, isTransient }: RetryOptions,
  clock: Clock,
): Promise<T> {
  const attempt = async (number: number): Promise<T> => {
    try {
      if (number === 1) throw firstError;
      return await call({ number, signal });
    } catch (error) {
      throw new FailedAttempt(error);
    }
  };
  try {
    return await pRetry(attempt, {
      retries: maxAttempts - 1, // p-retry counts the calls after the first
      minTimeout: 0, // it never sleeps: the wait is below, on our clock
      maxTimeout: 0,
      shouldRetry: async ({ error, attemptNumber }) => {
        signal?.throwIfAborted();
        if (!isTransient(originalOf(error))) return false;
        await clock.sleep(backoff(attemptNumber), signal);
        signal?.throwIfAborted();
        return true;
      },
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw originalOf(error);
  }
}

/** Carries what a call threw past p-retry, which replaces what is no Error and never retries a TypeError. */
class FailedAttempt extends Error {
  constructor(readonly original: unknown) {
    super();
  }
}

function originalOf(error: unknown): unknown {
  return error instanceof FailedAttempt ? error.original : error;
}
