import fc from 'fast-check';
import { exponentialBackoff } from '../backoff/exponential.js';
import { constantBackoff } from '../backoff/constant.js';
import { compose } from '../compose.js';
import { ResilienceError } from '../errors.js';
import type { CircuitEvent } from '../events.js';
import { retry } from '../retry/retry.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { circuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.js';
import type { TripRule } from './trip-rule.js';

const down = new Error('down');
const notFound = new Error('not found');
const consecutive = (failures: number): TripRule => ({ type: 'consecutive', failures });
const window: TripRule = { type: 'time-window', windowMs: 10_000, minimumCalls: 4, failureRatio: 0.5 };

function open(options: Partial<CircuitBreakerOptions> = {}) {
  const clock = new VirtualClock();
  const breaker = circuitBreaker(
    { rule: consecutive(3), openMs: 1_000, isFailure: (error) => error === down, ...options },
    clock,
  );
  const events: CircuitEvent[] = [];
  breaker.subscribe((event) => events.push(event));
  const succeed = () => breaker(() => Promise.resolve('done'));
  const fail = (error: unknown = down) =>
    breaker(() => Promise.reject(error as Error)).catch((thrown: unknown) => thrown);
  /** A call that ends when it is told to. */
  const begin = (signal?: AbortSignal) => {
    let resolve: (result: string) => void = () => undefined;
    let reject: (error: unknown) => void = () => undefined;
    const work = new Promise<string>((...settle) => ([resolve, reject] = settle));
    const outcome = breaker(() => work, signal).catch((thrown: unknown) => thrown);
    return { outcome, resolve, reject };
  };
  const failTimes = async (times: number) => {
    for (let call = 0; call < times; call++) await fail();
  };
  return { clock, breaker, events, succeed, fail, begin, failTimes };
}

describe('the circuit breaker', () => {
  test('opens after so many failures in a row; a success between them begins anew', async () => {
    const { breaker, events, failTimes, succeed } = open();
    await failTimes(2);
    await succeed();
    await failTimes(2);
    expect(breaker.state).toBe('closed');
    await failTimes(1);
    expect(breaker.state).toBe('open');
    expect(events).toEqual([{ type: 'opened', forMs: 1_000, reason: '3 failures in a row' }]);
  });

  test('while open it makes no call, and says when it is worth trying again', async () => {
    const { breaker, clock, failTimes } = open();
    await failTimes(3);
    await clock.advance(400);
    let calls = 0;
    await expect(breaker(() => Promise.resolve(calls++))).rejects.toMatchObject({
      code: 'circuit-open',
      effect: 'none',
      retryAfterMs: 600,
      message: 'the circuit is open for another 600 ms',
    });
    expect(calls).toBe(0);
  });

  test('half-open it lets through so many probes at a time, and closes when all have succeeded', async () => {
    const { breaker, clock, events, failTimes, begin } = open({ probes: 2 });
    await failTimes(3);
    await clock.advance(1_000);
    expect(breaker.state).toBe('half-open');
    const probes = [begin(), begin()];
    const third = await begin().outcome;
    expect(third).toMatchObject({ code: 'circuit-open', message: expect.stringContaining('half-open') });
    for (const { resolve } of probes) resolve('done');
    await Promise.all(probes.map(({ outcome }) => outcome));
    expect(breaker.state).toBe('closed');
    expect(events.map(({ type }) => type)).toEqual(['opened', 'half-opened', 'closed']);
  });

  test('a failed probe opens it again, for longer if a backoff says so, until it has been closed', async () => {
    const openMs = exponentialBackoff({ initialMs: 1_000, maxMs: 60_000, jitter: 'none' });
    const { breaker, clock, events, fail, failTimes, succeed } = open({ openMs });
    await failTimes(3);
    await clock.advance(1_000);
    await fail();
    await clock.advance(2_000);
    await succeed();
    await failTimes(3);
    expect(breaker.state).toBe('open');
    expect(events.flatMap((event) => (event.type === 'opened' ? [event.forMs] : []))).toEqual([
      1_000, 2_000, 1_000,
    ]);
  });

  test('an aborted probe says nothing, and gives its place to another', async () => {
    const { breaker, clock, failTimes, begin, succeed } = open();
    await failTimes(3);
    await clock.advance(1_000);
    const abort = new AbortController();
    const probe = begin(abort.signal);
    abort.abort('enough');
    probe.reject('enough');
    expect(await probe.outcome).toBe('enough');
    await succeed();
    expect(breaker.state).toBe('closed');
  });

  test('a probe that hangs does not keep it shut for ever: after openMs others are let through', async () => {
    const { breaker, clock, failTimes, begin, succeed } = open();
    await failTimes(3);
    await clock.advance(1_000);
    const hanging = begin();
    await expect(succeed()).rejects.toMatchObject({ code: 'circuit-open', retryAfterMs: 1_000 });
    await clock.advance(1_000);
    await succeed();
    expect(breaker.state).toBe('closed');
    hanging.reject(down);
    await hanging.outcome;
    expect(breaker.state).toBe('closed');
  });

  test('what was called before it opened says nothing of the time after', async () => {
    const { breaker, clock, failTimes, begin } = open();
    const slow = [begin(), begin(), begin()];
    await failTimes(3);
    await clock.advance(1_000);
    const probe = begin();
    for (const { reject } of slow) reject(down);
    await Promise.all(slow.map(({ outcome }) => outcome));
    expect(breaker.state).toBe('half-open');
    probe.resolve('done');
    await probe.outcome;
    expect(breaker.state).toBe('closed');
  });

  test('an error that is no failure is an answer: it counts as a success', async () => {
    const { breaker, fail, failTimes } = open();
    await failTimes(2);
    expect(await fail(notFound)).toBe(notFound);
    await failTimes(2);
    expect(breaker.state).toBe('closed');
  });

  test('steady traffic does not keep it open: rejected calls are no failures, its own nor those of a policy within', async () => {
    const { breaker, clock, failTimes, succeed, fail } = open({ isFailure: () => true });
    await failTimes(3);
    for (let call = 0; call < 9; call++) {
      await clock.advance(100);
      await succeed().catch(() => undefined);
    }
    await clock.advance(100);
    await succeed();
    expect(breaker.state).toBe('closed');
    for (let call = 0; call < 9; call++) await fail(new ResilienceError('rate-limited', 'no tokens'));
    expect(breaker.state).toBe('closed');
  });

  test('one call cannot open it by its own retries, unless that is asked for', async () => {
    for (const countRetries of [false, true]) {
      const { breaker, clock } = open({ countRetries });
      const again = retry(
        { maxAttempts: 5, backoff: constantBackoff({ delayMs: 1 }), isTransient: (error) => error === down },
        clock,
      );
      const outcome = compose({ retry: again, circuitBreaker: breaker })(() => Promise.reject(down));
      await expect(clock.run(outcome)).rejects.toBeInstanceOf(Error);
      expect(breaker.state).toBe(countRetries ? 'open' : 'closed');
    }
  });

  test('five calls that fail at first and succeed when retried do not open it', async () => {
    const { breaker, clock } = open();
    const again = retry(
      { maxAttempts: 3, backoff: constantBackoff({ delayMs: 1 }), isTransient: (error) => error === down },
      clock,
    );
    const policy = compose({ retry: again, circuitBreaker: breaker });
    for (let call = 0; call < 5; call++)
      await clock.run(policy(({ number }) => (number === 1 ? Promise.reject(down) : Promise.resolve())));
    expect(breaker.state).toBe('closed');
  });

  test('forced open it stays so until it is forced closed; then it begins with an empty window', async () => {
    const { breaker, clock, events, failTimes, succeed } = open();
    await failTimes(2);
    breaker.force('open');
    await clock.advance(1_000_000);
    await expect(succeed()).rejects.toMatchObject({ message: 'the circuit was opened by hand' });
    breaker.force('closed');
    await failTimes(2);
    expect(breaker.state).toBe('closed');
    expect(events.map(({ type }) => type)).toEqual(['opened', 'closed']);
  });

  test('who has unsubscribed is told no more', async () => {
    const { breaker, failTimes } = open();
    const told: CircuitEvent[] = [];
    const unsubscribe = breaker.subscribe((event) => told.push(event));
    unsubscribe();
    await failTimes(3);
    expect(told).toEqual([]);
  });
});

describe('a window', () => {
  test('of time opens by the share of failures, once there are calls enough', async () => {
    const { breaker, failTimes, succeed } = open({ rule: window });
    await failTimes(3);
    expect(breaker.state).toBe('closed');
    await succeed();
    expect(breaker.state).toBe('open');
  });

  test('of time forgets in an idle hour: one failure after it does not open (cockatiel 4.0.0 did)', async () => {
    const { breaker, clock, failTimes } = open({ rule: window });
    await failTimes(3);
    await clock.advance(3_600_000);
    await failTimes(3);
    expect(breaker.state).toBe('closed');
  });

  test('of calls forgets them too when they are too old', async () => {
    const rule: TripRule = {
      type: 'count-window',
      calls: 10,
      minimumCalls: 4,
      failureRatio: 0.5,
      maxAgeMs: 60_000,
    };
    const { breaker, clock, failTimes } = open({ rule });
    await failTimes(3);
    await clock.advance(60_000);
    await failTimes(3);
    expect(breaker.state).toBe('closed');
    await failTimes(1);
    expect(breaker.state).toBe('open');
  });

  test('of calls looks at the last ones only', async () => {
    const rule: TripRule = { type: 'count-window', calls: 4, minimumCalls: 4, failureRatio: 0.75 };
    const { breaker, failTimes, succeed } = open({ rule });
    await failTimes(2);
    for (let call = 0; call < 4; call++) await succeed();
    await failTimes(2);
    expect(breaker.state).toBe('closed');
    await failTimes(1);
    expect(breaker.state).toBe('open');
  });

  test('opens by the share of slow calls, though they succeed', async () => {
    const rule: TripRule = {
      type: 'time-window',
      windowMs: 10_000,
      minimumCalls: 2,
      slowCallRatio: 0.5,
      slowMs: 300,
    };
    const { breaker, clock, events } = open({ rule });
    const call = (ms: number) => clock.run(breaker(() => clock.sleep(ms)));
    await call(299);
    expect(breaker.state).toBe('closed');
    await call(300);
    expect(breaker.state).toBe('open');
    expect(events).toMatchObject([{ reason: '1 of 2 calls were slow' }]);
    await clock.advance(1_000);
    await call(300);
    expect(events.at(-1)).toMatchObject({ type: 'opened', reason: 'a probe was slow' });
  });

  type Step = { readonly call: boolean } | { readonly passMs: number };
  const steps = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ call: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ passMs: fc.integer({ min: 1, max: 4_000 }) }) },
    ),
    { maxLength: 120 },
  );
  const rules = fc.oneof(
    fc.record({ type: fc.constant('consecutive' as const), failures: fc.integer({ min: 1, max: 6 }) }),
    fc
      .record({
        calls: fc.integer({ min: 1, max: 12 }),
        minimum: fc.integer({ min: 1, max: 12 }),
        failureRatio: ratio(),
      })
      .map(({ calls, minimum, failureRatio }) => ({
        type: 'count-window' as const,
        ...{ calls, minimumCalls: Math.min(calls, minimum), failureRatio, maxAgeMs: 5_000 },
      })),
    fc
      .record({
        buckets: fc.integer({ min: 1, max: 7 }),
        minimumCalls: fc.integer({ min: 1, max: 8 }),
        failureRatio: ratio(),
      })
      .map((drawn) => ({ type: 'time-window' as const, windowMs: 5_000, ...drawn })),
  );

  test('and its breaker do what the plain description of them says, for any outcomes and pauses', async () => {
    await fc.assert(
      fc.asyncProperty(rules, steps, async (rule: TripRule, taken: readonly Step[]) => {
        const { breaker, clock, succeed, fail } = open({ rule, openMs: 1_500 });
        const model = new Model(rule, 1_500);
        for (const step of taken) {
          if ('passMs' in step) await clock.advance(step.passMs);
          else {
            const outcome = await (step.call ? succeed().catch((error: unknown) => error) : fail());
            const wasAdmitted = !(outcome instanceof ResilienceError);
            expect(wasAdmitted).toBe(model.call(step.call, clock.nowMs()));
          }
          expect(breaker.state).toBe(model.state(clock.nowMs()));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('bad options', () => {
  test.each<[Partial<CircuitBreakerOptions>, string]>([
    [{ rule: consecutive(0) }, 'rule.failures is 0; it must be a whole number from 1'],
    [{ openMs: 0 }, 'openMs is 0; it must be more than 0'],
    [{ probes: 0 }, 'probes is 0; it must be a whole number from 1'],
    [
      { rule: { ...window, windowMs: 5 } },
      'rule.windowMs is 5; it must be at least rule.buckets, which is 10',
    ],
    [
      { rule: { type: 'time-window', windowMs: 1_000, minimumCalls: 1 } },
      'needs rule.failureRatio or rule.slowCallRatio',
    ],
    [
      { rule: { ...window, failureRatio: 1.1 } },
      'rule.failureRatio is 1.1; it must be more than 0 and at most 1',
    ],
    [{ rule: { ...window, slowCallRatio: 0.5 } }, 'rule.slowCallRatio and rule.slowMs are given together'],
    [
      { rule: { type: 'count-window', calls: 5, minimumCalls: 6, failureRatio: 1 } },
      'rule.minimumCalls is 6; it must be at most rule.calls, which is 5',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => open(options)).toThrow(RangeError);
    expect(() => open(options)).toThrow(message);
  });
});

function ratio(): fc.Arbitrary<number> {
  return fc.constantFrom(0.25, 0.5, 0.75, 1);
}

/** Remembers every outcome of the time in which it is closed, and looks at them all. */
class Model {
  #outcomes: { atMs: number; isFailure: boolean }[] = [];
  #openedMs: number | undefined;

  constructor(
    readonly rule: TripRule,
    readonly openMs: number,
  ) {}

  state(nowMs: number): 'closed' | 'open' | 'half-open' {
    if (this.#openedMs === undefined) return 'closed';
    return nowMs >= this.#openedMs + this.openMs ? 'half-open' : 'open';
  }

  call(succeeds: boolean, nowMs: number): boolean {
    const state = this.state(nowMs);
    if (state === 'open') return false;
    if (state === 'half-open') this.#openedMs = succeeds ? undefined : nowMs;
    else {
      this.#outcomes.push({ atMs: nowMs, isFailure: !succeeds });
      if (this.#isTripped(nowMs)) this.#openedMs = nowMs;
    }
    if (state === 'half-open' || this.#openedMs !== undefined) this.#outcomes = [];
    return true;
  }

  #isTripped(nowMs: number): boolean {
    const { rule } = this;
    if (rule.type === 'consecutive') {
      const last = this.#outcomes.slice(-rule.failures);
      return last.length === rule.failures && last.every(({ isFailure }) => isFailure);
    }
    const kept =
      rule.type === 'count-window'
        ? this.#outcomes.slice(-rule.calls).filter(({ atMs }) => atMs > nowMs - (rule.maxAgeMs ?? 60_000))
        : this.#outcomes.filter(({ atMs }) => {
            const bucketMs = rule.windowMs / (rule.buckets ?? 10);
            return Math.floor(nowMs / bucketMs) - Math.floor(atMs / bucketMs) < (rule.buckets ?? 10);
          });
    const failures = kept.filter(({ isFailure }) => isFailure).length;
    return kept.length >= rule.minimumCalls && failures / kept.length >= (rule.failureRatio ?? 2);
  }
}
