import {
  circuitBreaker,
  type Clock,
  compose,
  constantBackoff,
  databasePreset,
  exponentialBackoff,
  type Policy,
  type Random,
  ResilienceError,
  retry,
  retryBudget,
  timeout,
} from '@sqlflow/resilience';
import { Refused } from './server.js';

/** Makes the policies of one process. */
export type Variant = (clock: Clock, random: Random) => Policy;

/** For each attempt, of all variants. */
export const attemptTimeoutMs = 1_000;

const isTransient = (error: unknown): boolean =>
  error instanceof Refused || (error instanceof ResilienceError && error.code === 'timed-out');
const maxAttempts = 5;
const exponential = (random: Random) => exponentialBackoff({ initialMs: 100, maxMs: 10_000, random });
const withTimeout = (clock: Clock): Policy => timeout({ timeoutMs: attemptTimeoutMs }, clock);

export const preset = 'database preset';

export const variants: Readonly<Record<string, Variant>> = {
  'no retry': withTimeout,
  'naive retry: 5 attempts, 1 s apart': (clock) =>
    compose({
      retry: retry(
        { maxAttempts, isTransient, backoff: constantBackoff({ delayMs: 1_000, jitter: 'none' }) },
        clock,
      ),
      timeout: withTimeout(clock),
    }),
  '5 attempts, exponential backoff with full jitter': (clock, random) =>
    compose({
      retry: retry({ maxAttempts, isTransient, backoff: exponential(random) }, clock),
      timeout: withTimeout(clock),
    }),
  'the same, with a budget': (clock, random) =>
    compose({
      retry: retry({ maxAttempts, isTransient, backoff: exponential(random), budget: retryBudget() }, clock),
      timeout: withTimeout(clock),
    }),
  'the same, with a circuit breaker instead': (clock, random) =>
    compose({
      retry: retry({ maxAttempts, isTransient, backoff: exponential(random) }, clock),
      circuitBreaker: circuitBreaker(
        {
          isFailure: isTransient,
          rule: { type: 'consecutive', failures: 5 },
          openMs: exponentialBackoff({ initialMs: 2_000, maxMs: 10_000, jitter: 'equal', random }),
        },
        clock,
      ),
      timeout: withTimeout(clock),
    }),
  [preset]: (clock, random) =>
    compose({ ...databasePreset({ isTransient }, clock, random), timeout: withTimeout(clock) }),
};
