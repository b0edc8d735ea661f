import { constantBackoff } from './backoff/constant.js';
import { bulkhead } from './bulkhead.js';
import { circuitBreaker } from './circuit-breaker/circuit-breaker.js';
import { systemClock } from './clock.js';
import { hedge } from './hedge.js';
import type { Policy } from './policy.js';
import { rateLimiter } from './rate-limiter/rate-limiter.js';
import { retry } from './retry/retry.js';
import { timeout } from './timeout.js';

/** Timers that keep the process alive. */
const timers = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

test('on the real clock no policy keeps the process alive once its calls are back, and a waiter that is aborted neither', async () => {
  const before = timers();
  const abort = new AbortController();
  const limiter = rateLimiter(
    { requestsPerMinute: 1, burst: 1, onLimit: { maxQueue: 5, maxWaitMs: 120_000 } },
    systemClock,
  );
  const places = bulkhead({ maxConcurrent: 1, maxQueue: 1, maxWaitMs: 100_000 }, systemClock);
  const isTransient = (): boolean => true;
  const backoff = constantBackoff({ delayMs: 100_000 });
  const policies: Policy[] = [
    timeout({ timeoutMs: 100_000 }, systemClock),
    hedge({ delayMs: 100_000 }, systemClock),
    limiter,
    places,
    retry(
      { maxAttempts: 2, backoff, isTransient, attemptTimeoutMs: 100_000, deadlineMs: 300_000 },
      systemClock,
    ),
    circuitBreaker(
      { rule: { type: 'consecutive', failures: 1 }, openMs: 100_000, isFailure: () => true },
      systemClock,
    ),
  ];
  for (const policy of policies) await policy(() => Promise.resolve());
  expect(timers()).toBe(before);

  const hanging = (): Promise<never> => new Promise(() => undefined);
  const waiting = [
    limiter(() => Promise.resolve(), abort.signal),
    places(hanging),
    places(hanging, abort.signal),
    policies[4]?.(() => Promise.reject(new Error('again')), abort.signal),
  ];
  await new Promise((resolve) => setImmediate(resolve));
  expect(timers()).toBeGreaterThan(before);
  abort.abort('enough');
  for (const waiter of [waiting[0], waiting[2], waiting[3]]) await expect(waiter).rejects.toBe('enough');
  expect(timers()).toBe(before);
});

test('the deadline of a call keeps the process alive until it passes, also after another call was back in time', async () => {
  const before = timers();
  const abort = new AbortController();
  const policy = timeout({ timeoutMs: 100_000 }, systemClock);
  await policy(() => Promise.resolve());
  expect(timers()).toBe(before);
  const hanging = policy(() => new Promise(() => undefined), abort.signal);
  expect(timers()).toBe(before + 1);
  abort.abort('enough');
  await expect(hanging).rejects.toBe('enough');
  expect(timers()).toBe(before);
});
