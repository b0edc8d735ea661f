import {
  bulkhead,
  circuitBreaker,
  exponentialBackoff,
  fallback,
  hedge,
  retry,
  retryBudget,
  systemClock,
  timeout,
  type TripRule,
} from '@sqlflow/resilience';
import Bottleneck from 'bottleneck';
import * as c from 'cockatiel';
import Opossum from 'opossum';
import { type Compared, type Guarded, work } from './calls.js';
import { bottleneck, cockatiel, opossum } from './peers.js';

const always = (): boolean => true;
const backoff = exponentialBackoff({ initialMs: 50, maxMs: 2_000 });
const retryOptions = { maxAttempts: 3, backoff, isTransient: always };
const shares = { minimumCalls: 10, failureRatio: 0.5 };

const broken = (rule: TripRule): Guarded => {
  const policy = circuitBreaker({ rule, openMs: 10_000, isFailure: always }, systemClock);
  return () => policy(work);
};
const brokenByCockatiel = (breaker: c.IBreaker): Guarded => {
  const policy = c.circuitBreaker(c.handleAll, { breaker, halfOpenAfter: 10_000 });
  return () => policy.execute(work);
};

function retries(): Compared {
  const plain = retry(retryOptions, systemClock);
  const budgeted = retry({ ...retryOptions, budget: retryBudget() }, systemClock);
  const theirs = c.retry(c.handleAll, { maxAttempts: 2, backoff: new c.ExponentialBackoff() });
  return {
    group: 'retry',
    ours: { ours: () => plain(work), 'ours, with a budget': () => budgeted(work) },
    peers: { [cockatiel]: () => theirs.execute(work) },
  };
}

/** opossum: with what costs it least, without its timeout and its percentiles. */
function breakers(): Compared[] {
  const theirs = new Opossum(work, {
    timeout: false,
    rollingPercentilesEnabled: false,
    errorThresholdPercentage: 50,
    volumeThreshold: 10,
    rollingCountTimeout: 10_000,
    resetTimeout: 10_000,
  });
  return [
    {
      group: 'circuit breaker, consecutive failures',
      ours: { ours: broken({ type: 'consecutive', failures: 5 }) },
      peers: { [cockatiel]: brokenByCockatiel(new c.ConsecutiveBreaker(5)) },
    },
    {
      group: 'circuit breaker, share of the last calls',
      ours: { ours: broken({ type: 'count-window', calls: 100, ...shares }) },
      peers: {},
      others: {
        [`${cockatiel}, in whose window calls never become too old`]: brokenByCockatiel(
          new c.CountBreaker({ size: 100, threshold: 0.5 }),
        ),
      },
    },
    {
      group: 'circuit breaker, share of the last 10 s',
      ours: { ours: broken({ type: 'time-window', windowMs: 10_000, ...shares }) },
      peers: {
        [cockatiel]: brokenByCockatiel(new c.SamplingBreaker({ threshold: 0.5, duration: 10_000 })),
        [opossum]: () => theirs.fire(),
      },
    },
  ];
}

function timeouts(): Compared[] {
  const ours = timeout({ timeoutMs: 5_000 }, systemClock);
  const theirs = c.timeout(5_000, c.TimeoutStrategy.Aggressive);
  const withSignal = ({ signal }: { readonly signal?: AbortSignal | undefined }): Promise<number> =>
    signal?.aborted === true ? Promise.resolve(0) : work();
  return [
    {
      group: 'timeout',
      ours: { ours: () => ours(work) },
      peers: { [cockatiel]: () => theirs.execute(work) },
    },
    {
      group: 'timeout, of a call that asks for its signal',
      ours: { ours: () => ours(withSignal) },
      peers: { [cockatiel]: () => theirs.execute(withSignal) },
      others: {
        'floor: a bare call that is given the signal of a new AbortController': () =>
          withSignal(new AbortController()),
      },
    },
  ];
}

function bulkheads(): Compared {
  const ours = bulkhead({ maxConcurrent: 10, maxQueue: 10 }, systemClock);
  const theirs = c.bulkhead(10, 10);
  const limiter = new Bottleneck({ maxConcurrent: 10 });
  return {
    group: 'bulkhead',
    ours: { ours: () => ours(work) },
    peers: { [cockatiel]: () => theirs.execute(work), [bottleneck]: () => limiter.schedule(work) },
  };
}

function hedges(): Compared {
  const ours = hedge({ delayMs: 1_000 }, systemClock);
  return { group: 'hedge', ours: { ours: () => ours(work) }, peers: {} };
}

function fallbacks(): Compared {
  const ours = fallback({ isHandled: always, value: () => 0 }, systemClock);
  const theirs = c.fallback(c.handleAll, 0);
  return {
    group: 'fallback',
    ours: { ours: () => ours(work) },
    peers: { [cockatiel]: () => theirs.execute(work) },
  };
}

export const timeoutGroups = timeouts();
export const policyGroups: readonly Compared[] = [
  retries(),
  ...breakers(),
  ...timeoutGroups,
  bulkheads(),
  hedges(),
  fallbacks(),
];
