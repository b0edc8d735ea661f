import {
  bulkhead,
  circuitBreaker,
  compose,
  exponentialBackoff,
  rateLimiter,
  retry,
  systemClock,
  timeout,
} from '@sqlflow/resilience';
import * as c from 'cockatiel';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type Compared, work } from './calls.js';
import { plenty, plentyFlexible } from './limiters.js';
import { cockatiel, flexible } from './peers.js';

const always = (): boolean => true;
const both = `${cockatiel} and ${flexible}`;

const limiter = new RateLimiterMemory(plentyFlexible);
const limited = async (): Promise<number> => {
  await limiter.consume('all');
  return work();
};

function ours() {
  return {
    retry: retry(
      {
        maxAttempts: 3,
        backoff: exponentialBackoff({ initialMs: 50, maxMs: 2_000 }),
        isTransient: always,
      },
      systemClock,
    ),
    circuitBreaker: circuitBreaker(
      {
        rule: { type: 'time-window', windowMs: 10_000, minimumCalls: 10, failureRatio: 0.5 },
        openMs: 10_000,
        isFailure: always,
      },
      systemClock,
    ),
    rateLimiter: rateLimiter(plenty, systemClock),
  };
}

function theirs() {
  return {
    retry: c.retry(c.handleAll, { maxAttempts: 2, backoff: new c.ExponentialBackoff() }),
    breaker: c.circuitBreaker(c.handleAll, {
      breaker: new c.SamplingBreaker({ threshold: 0.5, duration: 10_000 }),
      halfOpenAfter: 10_000,
    }),
  };
}

function three(): Compared {
  const policy = compose(ours());
  const { retry, breaker } = theirs();
  const peer = c.wrap(retry, breaker);
  return {
    group: 'retry, circuit breaker and rate limiter',
    ours: { ours: () => policy(work) },
    peers: { [both]: () => peer.execute(limited) },
  };
}

function five(): Compared {
  const policy = compose({
    ...ours(),
    bulkhead: bulkhead({ maxConcurrent: 10, maxQueue: 10 }, systemClock),
    timeout: timeout({ timeoutMs: 5_000 }, systemClock),
  });
  const { retry, breaker } = theirs();
  const peer = c.wrap(retry, breaker, c.bulkhead(10, 10), c.timeout(5_000, c.TimeoutStrategy.Aggressive));
  return {
    group: 'retry, circuit breaker, rate limiter, bulkhead and timeout',
    ours: { ours: () => policy(work) },
    peers: { [both]: () => peer.execute(limited) },
  };
}

export const threeComposed = three();
export const fiveComposed = five();
