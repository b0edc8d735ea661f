// For users: the policies.
export { type Backoff } from './backoff/backoff.js';
export { constantBackoff, type ConstantBackoffOptions } from './backoff/constant.js';
export { exponentialBackoff, type ExponentialBackoffOptions } from './backoff/exponential.js';
export { type Jitter, type JitterOptions } from './backoff/jitter.js';
export { retry, type RetryOptions } from './retry.js';
export { timeout, type TimeoutOptions } from './timeout.js';

// For authors: what policies are made of.
export { type Clock, longestSleepMs, systemClock } from './clock.js';
export { type Attempt, type Call, type Policy } from './policy.js';
export { type Random, systemRandom } from './random.js';
