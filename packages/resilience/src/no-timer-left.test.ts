import { constantBackoff } from './backoff/constant.js';
import { bulkhead } from './bulkhead.js';
import { circuitBreaker } from './circuit-breaker/circuit-breaker.js';
import type { Clock } from './clock.js';
import { hedge } from './hedge.js';
import type { Policy } from './policy.js';
import { rateLimiter } from './rate-limiter/rate-limiter.js';
import { retry } from './retry/retry.js';
import { VirtualClock } from './testing/virtual-clock.js';
import { timeout } from './timeout.js';

// Counted by the clock: in the process there are timers of others. That a timer which is not held keeps no process alive
// is the real clock's part, and tested there.

test('no policy holds a timer once its calls are back, and none for a waiter that is aborted', async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const limiter = rateLimiter(
    { requestsPerMinute: 1, burst: 1, onLimit: { maxQueue: 5, maxWaitMs: 120_000 } },
    clock,
  );
  const places = bulkhead({ maxConcurrent: 1, maxQueue: 1, maxWaitMs: 100_000 }, clock);
  const isTransient = (): boolean => true;
  const backoff = constantBackoff({ delayMs: 100_000 });
  const policies: Policy[] = [
    timeout({ timeoutMs: 100_000 }, clock),
    hedge({ delayMs: 100_000 }, clock),
    limiter,
    places,
    retry({ maxAttempts: 2, backoff, isTransient, attemptTimeoutMs: 100_000, deadlineMs: 300_000 }, clock),
    circuitBreaker(
      { rule: { type: 'consecutive', failures: 1 }, openMs: 100_000, isFailure: () => true },
      clock,
    ),
  ];
  for (const policy of policies) await policy(() => Promise.resolve());
  expect(clock.sleeping).toBe(0);

  const hanging = (): Promise<never> => new Promise(() => undefined);
  const waiting = [
    limiter(() => Promise.resolve(), abort.signal),
    places(hanging),
    places(hanging, abort.signal),
    policies[4]?.(() => Promise.reject(new Error('again')), abort.signal),
  ];
  await new Promise((resolve) => setImmediate(resolve));
  expect(clock.sleeping).toBe(4); // the turn of the limiter and of the bulkhead, the backoff, the deadline of all
  abort.abort('enough');
  for (const waiter of [waiting[0], waiting[2], waiting[3]]) await expect(waiter).rejects.toBe('enough');
  expect(clock.sleeping).toBe(0);
});

test('a timer is held for the deadline of a call, also after another call was back in time', async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const policy = timeout({ timeoutMs: 100_000 }, clock);
  await policy(() => Promise.resolve());
  expect(clock.sleeping).toBe(0);
  const hanging = policy(() => new Promise(() => undefined), abort.signal);
  expect(clock.sleeping).toBe(1);
  abort.abort('enough');
  await expect(hanging).rejects.toBe('enough');
  expect(clock.sleeping).toBe(0);
});

test('a policy that was made for one call leaves its timer behind for no more than a second', async () => {
  const clock = new VirtualClock();
  const set: number[] = [];
  const watched: Clock = {
    nowMs: () => clock.nowMs(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    schedule: (ms, callback) => {
      set.push(ms);
      return clock.schedule(ms, callback);
    },
  };
  const policy = timeout({ timeoutMs: 300_000 }, watched);
  await policy(() => Promise.resolve());
  await clock.advance(300_000);
  expect(set).toEqual([1000]);

  const outcome = policy(() => new Promise(() => undefined)).catch((error: unknown) => error);
  await clock.advance(299_999);
  expect(clock.sleeping).toBe(1);
  await clock.advance(1);
  expect(await outcome).toMatchObject({ code: 'timed-out' });
  expect(set).toEqual([1000, 1000, 299_000]);
});
