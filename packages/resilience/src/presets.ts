import { exponentialBackoff } from './backoff/exponential.js';
import { type CircuitBreaker, circuitBreaker } from './circuit-breaker/circuit-breaker.js';
import type { Clock } from './clock.js';
import { ResilienceError } from './errors.js';
import type { Policy } from './policy.js';
import { type Random, systemRandom } from './random.js';
import { type RateLimiter, rateLimiter } from './rate-limiter/rate-limiter.js';
import { retryBudget } from './retry/retry-budget.js';
import { retry } from './retry/retry.js';
import { timeout } from './timeout.js';

/** What only the caller can know of its errors. */
export interface ErrorClassification {
  /** May the call be made again? */
  readonly isTransient: (error: unknown) => boolean;
  /** Does it say that the server is not well? @defaultValue what is transient */
  readonly isFailure?: (error: unknown) => boolean;
  /** Does the server only ask for less? @defaultValue none */
  readonly isThrottling?: (error: unknown) => boolean;
  /** For how long does it ask, in milliseconds? @defaultValue never */
  readonly retryAfterMs?: (error: unknown) => number | undefined;
}

/** For `compose`, which others can be given to as well. Each call of a preset makes policies with a state of their own. */
export interface PresetParts {
  readonly retry: Policy;
  readonly circuitBreaker: CircuitBreaker;
}

/** An attempt that is given up after its time is made again; so is not an answer that means "never". */
function orTimedOut(isTransient: (error: unknown) => boolean): (error: unknown) => boolean {
  return (error) => (error instanceof ResilienceError ? error.code === 'timed-out' : isTransient(error));
}

/**
 * For a database that is near and answers in milliseconds, as PostgreSQL and Redis do. No timeout: how long a statement
 * may take is the caller's to say, and no limiter: the pool is one.
 */
export function databasePreset(
  errors: ErrorClassification,
  clock: Clock,
  random: Random = systemRandom,
): PresetParts {
  return {
    retry: retry(
      {
        ...classified(errors),
        // A lost connection or a deadlock is over at the second try; a third covers the connection that the pool had
        // not yet noticed to be dead.
        maxAttempts: 3,
        // A failover takes seconds, which the breaker is there for; a lock is gone in tens of milliseconds.
        backoff: exponentialBackoff({ initialMs: 50, maxMs: 1_000, random }),
        budget: retryBudget(),
      },
      clock,
    ),
    circuitBreaker: circuitBreaker(
      {
        isFailure: errors.isFailure ?? errors.isTransient,
        // Half of ten calls in ten seconds: one bad connection is not enough, and an outage is noticed within a second.
        rule: { type: 'time-window', windowMs: 10_000, minimumCalls: 10, failureRatio: 0.5 },
        // Ten attempts are still four calls. Counting calls alone, a process that makes less than one a second would not
        // notice an outage at all, and retry through it.
        countRetries: true,
        // From the time a process takes to be restarted to that of a failover, spread so that not all try at once.
        openMs: exponentialBackoff({ initialMs: 2_000, maxMs: 10_000, jitter: 'equal', random }),
        probes: 1,
      },
      clock,
    ),
  };
}

/** For an object store, such as S3: far away, made to be retried, and asking for less by 503 when it is busy. */
export function objectStorePreset(
  errors: ErrorClassification,
  clock: Clock,
  random: Random = systemRandom,
): PresetParts & { readonly timeout: Policy } {
  const isTransient = orTimedOut(errors.isTransient);
  return {
    retry: retry(
      {
        ...classified(errors),
        isTransient,
        // S3 tells its clients to expect single 500s and 503s; five failures in a row are not that any more.
        maxAttempts: 5,
        // The AWS SDKs' cap of 20 s. A busy partition of S3 is split in seconds to minutes.
        backoff: exponentialBackoff({ initialMs: 100, maxMs: 20_000, random }),
        budget: retryBudget(),
      },
      clock,
    ),
    circuitBreaker: circuitBreaker(
      {
        isFailure: orTimedOut(errors.isFailure ?? errors.isTransient),
        // A store of many machines fails in parts: only when most fail is it the whole.
        rule: { type: 'time-window', windowMs: 30_000, minimumCalls: 20, failureRatio: 0.7 },
        openMs: exponentialBackoff({ initialMs: 5_000, maxMs: 30_000, jitter: 'equal', random }),
        probes: 2,
      },
      clock,
    ),
    // Until the answer begins. A part of 8 MiB takes 13 s at 5 Mbit/s.
    timeout: timeout({ timeoutMs: 30_000 }, clock),
  };
}

export interface HttpApiOptions extends ErrorClassification {
  /** What the API allows. The limiter is paused when the server says so. */
  readonly requestsPerMinute: number;
  /** @defaultValue a sixth of a minute's requests, at least 1: what an API that counts by ten seconds lets through */
  readonly burst?: number;
}

/** For somebody else's HTTP API: it limits its callers, says so by 429 and Retry-After, and may be gone for minutes. */
export function httpApiPreset(
  options: HttpApiOptions,
  clock: Clock,
  random: Random = systemRandom,
): PresetParts & { readonly rateLimiter: RateLimiter; readonly timeout: Policy } {
  const { requestsPerMinute, burst = Math.max(1, Math.floor(requestsPerMinute / 6)), retryAfterMs } = options;
  return {
    retry: retry(
      {
        ...classified(options),
        isTransient: orTimedOut(options.isTransient),
        maxAttempts: 4,
        // Long enough for a deployment behind the API: 1 + 2 + 4 s at most, half of it on average.
        backoff: exponentialBackoff({ initialMs: 1_000, maxMs: 30_000, random }),
        // A limit that is counted by the minute is open again after one.
        maxRetryAfterMs: 90_000,
        budget: retryBudget(),
      },
      clock,
    ),
    circuitBreaker: circuitBreaker(
      {
        isFailure: orTimedOut(options.isFailure ?? options.isTransient),
        // At 60 requests a minute, ten calls are ten seconds.
        rule: { type: 'time-window', windowMs: 60_000, minimumCalls: 10, failureRatio: 0.5 },
        openMs: exponentialBackoff({ initialMs: 15_000, maxMs: 60_000, jitter: 'equal', random }),
        probes: 1,
      },
      clock,
    ),
    rateLimiter: rateLimiter({ requestsPerMinute, burst, ...(retryAfterMs && { retryAfterMs }) }, clock),
    // Gateways commonly give up after 30 s themselves.
    timeout: timeout({ timeoutMs: 30_000 }, clock),
  };
}

function classified({ isTransient, isThrottling, retryAfterMs }: ErrorClassification): ErrorClassification {
  return { isTransient, ...(isThrottling && { isThrottling }), ...(retryAfterMs && { retryAfterMs }) };
}
