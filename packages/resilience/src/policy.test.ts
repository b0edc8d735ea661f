import { constantBackoff } from './backoff/constant.js';
import { bulkhead } from './bulkhead.js';
import { circuitBreaker } from './circuit-breaker/circuit-breaker.js';
import { compose, nest, type Parts } from './compose.js';
import { ResilienceError } from './errors.js';
import type { PolicyEvent } from './events.js';
import { fallback } from './fallback.js';
import { hedge } from './hedge.js';
import { definePolicy, type Policy } from './policy.js';
import { rateLimiter } from './rate-limiter/rate-limiter.js';
import { retry } from './retry/retry.js';
import { retryBudget } from './retry/retry-budget.js';
import { VirtualClock } from './testing/virtual-clock.js';
import { timeout } from './timeout.js';

const down = new Error('down');

/** One policy of each kind, none of which interferes. */
function each(clock: VirtualClock) {
  const isTransient = (error: unknown): boolean => error === down || error instanceof ResilienceError;
  return {
    fallback: fallback({ isHandled: () => false, value: () => 'instead' }, clock),
    deadline: timeout({ timeoutMs: 60_000 }, clock),
    retry: retry(
      { maxAttempts: 3, backoff: constantBackoff({ delayMs: 100, jitter: 'none' }), isTransient },
      clock,
    ),
    hedge: hedge({ delayMs: 1_000 }, clock),
    circuitBreaker: circuitBreaker(
      { rule: { type: 'consecutive', failures: 100 }, openMs: 1_000, isFailure: isTransient },
      clock,
    ),
    rateLimiter: rateLimiter({ requestsPerSecond: 1_000, burst: 1_000 }, clock),
    bulkhead: bulkhead({ maxConcurrent: 100, maxQueue: 100 }, clock),
    timeout: timeout({ timeoutMs: 10_000 }, clock),
  };
}

describe('every policy', () => {
  const names = Object.keys(each(new VirtualClock())) as (keyof ReturnType<typeof each>)[];

  test.each(names)(
    '%s: what the call throws comes out as it was, also what it throws at once',
    async (name) => {
      const clock = new VirtualClock();
      const policy = each(clock)[name] as Policy<unknown>;
      for (const reason of [
        new TypeError('no function'),
        'text',
        undefined,
        Object.freeze(new Error('frozen')),
      ]) {
        const thrown = await clock.run(
          policy(() => Promise.reject(reason as Error)).catch((error: unknown) => ({ error })),
        );
        expect(thrown).toEqual({ error: reason });
        const atOnce = policy(() => {
          throw reason as Error;
        });
        expect(await clock.run(atOnce.catch((error: unknown) => ({ error })))).toEqual({ error: reason });
      }
      expect(clock.sleeping).toBe(0);
    },
  );

  test.each(names)('%s: a signal that has aborted already prevents the call', async (name) => {
    let calls = 0;
    const policy = each(new VirtualClock())[name] as Policy<unknown>;
    await expect(policy(() => Promise.resolve(calls++), AbortSignal.abort('before'))).rejects.toBe('before');
    expect(calls).toBe(0);
  });

  test.each(names)(
    '%s: the call sees the abort, its reason comes out, and nothing is left waiting',
    async (name) => {
      const clock = new VirtualClock();
      const policy = each(clock)[name] as Policy<unknown>;
      const abort = new AbortController();
      const outcome = policy(async ({ signal }) => clock.sleep(5_000, signal), abort.signal).catch(
        (reason: unknown) => reason,
      );
      await clock.advance(500);
      abort.abort('enough');
      expect(await outcome).toBe('enough');
      await clock.advance(0);
      expect(clock.sleeping).toBe(0);
    },
  );

  test.each(names)('%s: leaves no listener on the signal it was given', async (name) => {
    const clock = new VirtualClock();
    const policy = each(clock)[name] as Policy<unknown>;
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>) => {
      listeners++;
      add(...given);
    };
    signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      listeners--;
      remove(...given);
    };
    await policy(() => Promise.resolve(), signal);
    await clock.run(
      policy(({ number }) => (number < 3 ? Promise.reject(down) : Promise.resolve()), signal).catch(
        () => undefined,
      ),
    );
    expect(listeners).toBe(0);
  });
});

describe('compose', () => {
  /** A policy that writes down when it is entered. */
  const writing = (name: string, entered: string[]): Policy =>
    definePolicy((call, attempt) => {
      entered.push(name);
      return call(attempt);
    }, new VirtualClock());

  test('has one order, whatever the order in which the parts are named', async () => {
    const order = [
      'fallback',
      'deadline',
      'retry',
      'hedge',
      'circuitBreaker',
      'rateLimiter',
      'bulkhead',
      'timeout',
    ];
    const entered: string[] = [];
    const parts = Object.fromEntries(
      [...order].reverse().map((name) => [name, writing(name, entered)]),
    ) as Parts;
    await compose(parts)(() => Promise.resolve());
    expect(entered).toEqual(order);
  });

  test('the call sees the number of the retry that it is, through all that lies between', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    await clock.run(
      compose(each(clock))(({ number }) => {
        seen.push(number);
        return number < 3 ? Promise.reject(down) : Promise.resolve();
      }),
    );
    expect(seen).toEqual([1, 2, 3]);
  });

  test('what a policy of ones own throws at once is a rejection like any other', async () => {
    const throwing = definePolicy(() => {
      throw down;
    }, new VirtualClock());
    await expect(throwing(() => Promise.resolve())).rejects.toBe(down);
    await expect(compose({ retry: throwing })(() => Promise.resolve())).rejects.toBe(down);
  });

  test('nothing to compose is refused', () => {
    expect(() => compose({})).toThrow(/^compose needs one of fallback, deadline, retry/);
  });

  test('nest puts the second into the first', async () => {
    const entered: string[] = [];
    await nest(writing('outer', entered), writing('inner', entered))(() => Promise.resolve());
    expect(entered).toEqual(['outer', 'inner']);
  });
});

describe('a named policy', () => {
  function open(change: Partial<Parts> = {}) {
    const clock = new VirtualClock();
    const events: (PolicyEvent & { policy: string })[] = [];
    const policy = compose({ ...each(clock), ...change }).named('postgres.read', (event, name) =>
      events.push({ ...event, policy: name }),
    );
    return { clock, events, policy };
  }

  test('tells of each attempt, of the wait before the next with its cause, and of the end', async () => {
    const { clock, events, policy } = open();
    await clock.run(policy(({ number }) => (number === 1 ? Promise.reject(down) : Promise.resolve('done'))));
    const name = { policy: 'postgres.read' };
    expect(events).toEqual([
      { ...name, type: 'attempt', number: 1 },
      { ...name, type: 'retry', number: 2, delayMs: 100, cause: down },
      { ...name, type: 'attempt', number: 2 },
      { ...name, type: 'succeeded', attempts: 2, elapsedMs: 100 },
    ]);
  });

  test('tells of a call that was not made, and who turned it away', async () => {
    const clock = new VirtualClock();
    const breaker = each(clock).circuitBreaker;
    breaker.force('open');
    const { events, policy } = open({ circuitBreaker: breaker, retry: each(clock).timeout });
    await expect(policy(() => Promise.resolve())).rejects.toMatchObject({ code: 'circuit-open' });
    expect(events).toMatchObject([
      { type: 'rejected', by: 'circuit-breaker', cause: { code: 'circuit-open' } },
      { type: 'failed', attempts: 0, cause: { code: 'circuit-open' } },
    ]);
  });

  test('tells when its circuit opens, half-opens and closes', async () => {
    const clock = new VirtualClock();
    const breaker = circuitBreaker(
      { rule: { type: 'consecutive', failures: 1 }, openMs: 1_000, isFailure: () => true },
      clock,
    );
    const events: string[] = [];
    const policy = breaker.named('redis', ({ type }) => events.push(type));
    await policy(() => Promise.reject(down)).catch(() => undefined);
    await clock.advance(1_000);
    await policy(() => Promise.resolve());
    expect(events).toEqual(['attempt', 'opened', 'failed', 'half-opened', 'attempt', 'closed', 'succeeded']);
  });

  test('tells of a time-out, of a second attempt, of a wait, of what was given instead, and of a spent budget', async () => {
    const clock = new VirtualClock();
    const told = async (
      policy: Policy<unknown>,
      ms: number,
      ...errors: unknown[]
    ): Promise<PolicyEvent[]> => {
      const events: PolicyEvent[] = [];
      const named = policy.named('p', (event) => events.push(event));
      const call = async () => {
        await clock.sleep(ms);
        if (errors.length > 0) throw errors.shift();
      };
      await clock.run(named(call).catch(() => undefined));
      return events.filter(({ type }) => !['attempt', 'succeeded', 'failed'].includes(type));
    };
    expect(await told(timeout({ timeoutMs: 50 }, clock), 100)).toEqual([{ type: 'timed-out', afterMs: 50 }]);
    expect(await told(hedge({ delayMs: 50 }, clock), 100)).toEqual([{ type: 'hedged', afterMs: 50 }]);
    const limiter = rateLimiter({ requestsPerSecond: 1, burst: 1 }, clock);
    await limiter(() => Promise.resolve());
    expect(await told(limiter, 0)).toEqual([{ type: 'waited', by: 'rate-limiter', waitedMs: 1_000 }]);
    const instead = fallback({ isHandled: () => true, value: () => 1 }, clock);
    expect(await told(instead, 0, down)).toEqual([{ type: 'fell-back', cause: down }]);
    const budget = retryBudget({ capacity: 14 });
    budget.pay(false);
    const poor = retry({ maxAttempts: 3, backoff: () => 1, isTransient: () => true, budget }, clock);
    expect(await told(poor, 0, down)).toEqual([{ type: 'budget-exhausted', cause: down }]);
  });

  test('a listener that throws changes nothing for the call: its error is an uncaught exception', async () => {
    const real = globalThis.queueMicrotask;
    const later: (() => void)[] = [];
    globalThis.queueMicrotask = (work) => later.push(work);
    try {
      const policy = each(new VirtualClock()).timeout.named('p', () => {
        throw down;
      });
      expect(await policy(() => Promise.resolve('done'))).toBe('done');
    } finally {
      globalThis.queueMicrotask = real;
    }
    expect(later).toHaveLength(2); // the attempt and the end
    for (const work of later) expect(work).toThrow(down);
  });

  test('shares its state with the policy that it names', async () => {
    const clock = new VirtualClock();
    const { circuitBreaker: breaker } = each(clock);
    breaker.force('open');
    await expect(breaker.named('a')(() => Promise.resolve())).rejects.toMatchObject({ code: 'circuit-open' });
  });
});
