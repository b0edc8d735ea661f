// For users: the policies.
export { type Backoff } from './backoff/backoff.js';
export { constantBackoff, type ConstantBackoffOptions } from './backoff/constant.js';
export { decorrelatedBackoff, type DecorrelatedBackoffOptions } from './backoff/decorrelated.js';
export { exponentialBackoff, type ExponentialBackoffOptions } from './backoff/exponential.js';
export { type Jitter, type JitterOptions } from './backoff/jitter.js';
export { bulkhead, type Bulkhead, type BulkheadOptions } from './bulkhead.js';
export {
  circuitBreaker,
  type CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitState,
} from './circuit-breaker/circuit-breaker.js';
export { type Shares, type TripRule } from './circuit-breaker/trip-rule.js';
export { compose, nest, type Parts } from './compose.js';
export { isRejection, ResilienceError, type ResilienceErrorCode } from './errors.js';
export { type CircuitEvent, type Listener, type PolicyEvent, type PolicyKind } from './events.js';
export { fallback, type FallbackOptions } from './fallback.js';
export { hedge, type HedgeOptions } from './hedge.js';
export {
  databasePreset,
  type ErrorClassification,
  httpApiPreset,
  type HttpApiOptions,
  objectStorePreset,
  type PresetParts,
} from './presets.js';
export { rateLimiter, type RateLimiter, type RateLimiterOptions } from './rate-limiter/rate-limiter.js';
export { attemptsOf, type FailedAttempt } from './retry/failed-attempts.js';
export { retry, type RetryOptions } from './retry/retry.js';
export { retryBudget, type RetryBudget, type RetryBudgetOptions } from './retry/retry-budget.js';
export { timeout, type TimeoutOptions } from './timeout.js';

// For authors: what policies are made of.
export { type Attempt, type Call } from './attempt.js';
export { type Clock, longestSleepMs, systemClock, type Timer } from './clock.js';
export { definePolicy, type Policy, type Run } from './policy.js';
export { type Random, systemRandom } from './random.js';
