import fc from 'fast-check';
import { constantBackoff } from '../backoff/constant.js';
import { exponentialBackoff } from '../backoff/exponential.js';
import type { Call } from '../attempt.js';
import { attemptsOf } from './failed-attempts.js';
import { retry, type RetryOptions } from './retry.js';
import { retryBudget } from './retry-budget.js';
import { VirtualClock } from '../testing/virtual-clock.js';

const always = (): boolean => true;
const backoff = exponentialBackoff({ initialMs: 100, maxMs: 1000, jitter: 'none' });

/** A call that fails with the given reasons, one an attempt, and then gives the number of the attempt. */
function failing(...reasons: unknown[]): { call: Call<number>; calls: number[] } {
  const calls: number[] = [];
  const call: Call<number> = ({ number }) => {
    calls.push(number);
    return number <= reasons.length ? Promise.reject(reasons[number - 1]) : Promise.resolve(number);
  };
  return { call, calls };
}

function policy(clock: VirtualClock, options: Partial<RetryOptions> = {}) {
  return retry({ maxAttempts: 3, backoff, isTransient: always, ...options }, clock);
}

describe('retry', () => {
  test('a call that succeeds at once is made once, with the signal as given, and nothing is waited for', async () => {
    const clock = new VirtualClock();
    const { signal } = new AbortController();
    const seen: unknown[] = [];
    const result = await policy(clock)((attempt) => {
      seen.push(attempt);
      return Promise.resolve('done');
    }, signal);
    expect(result).toBe('done');
    expect(seen).toEqual([{ number: 1, signal }]);
    expect(clock.slept).toEqual([]);
  });

  test('attempts are numbered from 1 and the backoff runs between them', async () => {
    const clock = new VirtualClock();
    const { call, calls } = failing(new Error('first'), new Error('second'));
    await expect(clock.run(policy(clock)(call))).resolves.toBe(3);
    expect(calls).toEqual([1, 2, 3]);
    expect(clock.slept).toEqual([100, 200]);
  });

  test('maxAttempts counts attempts, the last error comes out as it was, and no wait follows it', async () => {
    const clock = new VirtualClock();
    const last = new Error('third');
    const { call, calls } = failing(new Error('first'), new Error('second'), last, new Error('never'));
    await expect(clock.run(policy(clock)(call))).rejects.toBe(last);
    expect(calls).toEqual([1, 2, 3]);
    expect(clock.slept).toEqual([100, 200]);
  });

  test('with one attempt nothing is retried', async () => {
    const clock = new VirtualClock();
    const only = new Error('only');
    const { call, calls } = failing(only);
    await expect(policy(clock, { maxAttempts: 1 })(call)).rejects.toBe(only);
    expect(calls).toEqual([1]);
  });

  test('a terminal error is thrown at once, first or later', async () => {
    const terminal = new Error('terminal');
    const isTransient = (error: unknown): boolean => error !== terminal;
    const atOnce = failing(terminal);
    const later = failing(new Error('transient'), terminal);
    const clock = new VirtualClock();
    await expect(clock.run(policy(clock, { isTransient })(atOnce.call))).rejects.toBe(terminal);
    await expect(clock.run(policy(clock, { isTransient })(later.call))).rejects.toBe(terminal);
    expect(atOnce.calls).toEqual([1]);
    expect(later.calls).toEqual([1, 2]);
    expect(clock.slept).toEqual([100]);
  });

  test.each([
    ['a TypeError', new TypeError('not a function')],
    ['a string', 'text'],
    ['undefined', undefined],
  ])('%s is retried like any other reason and thrown unchanged', async (_name, reason) => {
    const clock = new VirtualClock();
    const asked: unknown[] = [];
    const isTransient = (error: unknown): boolean => asked.push(error) > 0;
    const { call, calls } = failing(reason, reason, reason);
    const outcome = await clock
      .run(policy(clock, { isTransient })(call))
      .catch((error: unknown) => ({ error }));
    expect(outcome).toEqual({ error: reason });
    expect(calls).toEqual([1, 2, 3]);
    expect(asked).toEqual([reason, reason]);
  });

  test('an abort ends the backoff at once, surfaces its reason and makes no further call', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const { call, calls } = failing(new Error('first'));
    const outcome = policy(clock)(call, abort.signal).catch((error: unknown) => error);
    await clock.advance(50);
    expect(clock.sleeping).toBe(1);
    abort.abort('enough');
    expect(await outcome).toBe('enough');
    expect(clock.nowMs()).toBe(50);
    await clock.advance(10_000);
    expect(calls).toEqual([1]);
    expect(clock.sleeping).toBe(0);
  });

  test('a signal that has aborted already prevents the first call', async () => {
    const { call, calls } = failing();
    await expect(policy(new VirtualClock())(call, AbortSignal.abort('before'))).rejects.toBe('before');
    expect(calls).toEqual([]);
  });

  test.each([1, 2])(
    'an abort during attempt %d wins over the error that the attempt ends with',
    async (number) => {
      const clock = new VirtualClock();
      const abort = new AbortController();
      const calls: number[] = [];
      const outcome = policy(clock)((attempt) => {
        calls.push(attempt.number);
        if (attempt.number === number) abort.abort('meanwhile');
        return Promise.reject(new Error('socket closed'));
      }, abort.signal);
      await expect(clock.run(outcome)).rejects.toBe('meanwhile');
      expect(calls).toHaveLength(number);
    },
  );

  test('a result that arrives in spite of an abort is not thrown away', async () => {
    const abort = new AbortController();
    const outcome = policy(new VirtualClock())(() => {
      abort.abort('late');
      return Promise.resolve('committed');
    }, abort.signal);
    await expect(outcome).resolves.toBe('committed');
  });

  test('the attempts made are the failures plus one, and never more than maxAttempts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.nat({ max: 12 }), async (maxAttempts, failures) => {
        const clock = new VirtualClock();
        const { call, calls } = failing(
          ...Array.from({ length: failures }, (_, index) => new Error(String(index))),
        );
        const outcome = policy(clock, {
          maxAttempts,
          backoff: constantBackoff({ delayMs: 7, jitter: 'none' }),
        })(call);
        const succeeded = await clock.run(outcome).then(
          () => true,
          () => false,
        );
        const expected = Math.min(failures + 1, maxAttempts);
        expect(calls).toEqual(Array.from({ length: expected }, (_, index) => index + 1));
        expect(succeeded).toBe(failures < maxAttempts);
        expect(clock.nowMs()).toBe((expected - 1) * 7);
      }),
      { numRuns: 50 },
    );
  });

  test('for any failures, hints, limits and aborts: the calls made are those that the options allow, at their times', async () => {
    const failures = fc.array(
      fc.record({
        ms: fc.nat(40),
        isTerminal: fc.boolean(),
        afterMs: fc.option(fc.nat(120), { nil: undefined }),
      }),
      { maxLength: 8 },
    );
    const cases = fc.record({
      failures,
      maxAttempts: fc.integer({ min: 1, max: 6 }),
      deadlineMs: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
      abortMs: fc.option(fc.nat(400), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ failures: planned, maxAttempts, deadlineMs, abortMs }) => {
        const clock = new VirtualClock();
        const errors = planned.map((plan) => Object.assign(new Error('planned'), plan));
        const starts: number[] = [];
        const call: Call<string> = async ({ number, signal }) => {
          starts.push(clock.nowMs());
          const error = errors[number - 1];
          if (error === undefined) return 'done';
          await clock.sleep(error.ms, signal);
          throw error;
        };
        const made = policy(clock, {
          maxAttempts,
          backoff: () => 10,
          isTransient: (error) => (error as { isTerminal?: boolean }).isTerminal === false,
          retryAfterMs: (error) => (error as { afterMs?: number }).afterMs,
          maxRetryAfterMs: 100,
          ...(deadlineMs !== undefined && { deadlineMs }),
        });
        const abort = new AbortController();
        // Half a millisecond later than anything else happens.
        if (abortMs !== undefined)
          clock.schedule(abortMs + 0.5, () => {
            abort.abort('enough');
          });
        const outcome = await clock.run(made(call, abort.signal).catch((error: unknown) => error));

        // The same by the words of the options.
        const expected: number[] = [];
        let end: unknown = 'done';
        let nowMs = 0;
        const endMs = Math.min(deadlineMs ?? Infinity, abortMs === undefined ? Infinity : abortMs + 0.5);
        const late = (): unknown =>
          endMs === deadlineMs ? expect.objectContaining({ code: 'timed-out' }) : 'enough';
        for (let number = 1; number <= maxAttempts; number++) {
          expected.push(nowMs);
          const error = errors[number - 1];
          if (error === undefined) {
            end = 'done';
            break;
          }
          nowMs += error.ms;
          end = nowMs >= endMs && error.ms > 0 ? late() : error;
          const waitMs = 10 + (error.afterMs ?? 0);
          const isLast = number === maxAttempts || error.isTerminal || (error.afterMs ?? 0) > 100;
          if (end !== error || isLast || nowMs + waitMs >= (deadlineMs ?? Infinity)) break;
          nowMs += waitMs;
          end = late();
          if (nowMs >= endMs) break;
        }
        expect(starts).toEqual(expected);
        expect(outcome).toEqual(end);
        expect(clock.sleeping).toBe(abortMs !== undefined && clock.nowMs() < abortMs + 0.5 ? 1 : 0);
      }),
      { numRuns: 400 },
    );
  });

  test('the attempts are attached to what is thrown, with their causes and waits, where that is possible', async () => {
    const clock = new VirtualClock();
    const [first, second, third] = [new Error('first'), new Error('second'), new Error('third')];
    const { call } = failing(first, second, third);
    const thrown = await clock.run(policy(clock)(call).catch((error: unknown) => error));
    expect(attemptsOf(thrown)).toEqual([
      { number: 1, cause: first, delayMs: 100 },
      { number: 2, cause: second, delayMs: 200 },
      { number: 3, cause: third },
    ]);
    expect(Object.keys(third)).toEqual([]);
    expect(attemptsOf('text')).toBeUndefined();
    expect(attemptsOf(first)).toBeUndefined();
  });

  describe('a server that says when to come again', () => {
    const busy = (afterMs: number): Error => Object.assign(new Error('busy'), { afterMs });
    const retryAfterMs = (error: unknown): number | undefined => (error as { afterMs?: number }).afterMs;

    test('is asked again no earlier, and the backoff comes on top', async () => {
      const clock = new VirtualClock();
      const { call } = failing(busy(5_000), new Error('no hint'));
      await clock.run(policy(clock, { retryAfterMs })(call));
      expect(clock.slept).toEqual([5_100, 200]);
    });

    test('is not asked again if it wants to be left alone for too long', async () => {
      const clock = new VirtualClock();
      const tooLong = busy(60_001);
      const { call, calls } = failing(tooLong);
      await expect(clock.run(policy(clock, { retryAfterMs })(call))).rejects.toBe(tooLong);
      expect(calls).toEqual([1]);
    });
  });

  describe('a limit of time', () => {
    const hanging: Call<never> = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });

    test('for each attempt aborts it, and it is made again', async () => {
      const clock = new VirtualClock();
      const seen: unknown[] = [];
      const outcome = policy(clock, { attemptTimeoutMs: 1_000 })((attempt) => {
        if (attempt.number === 2) return Promise.resolve('done');
        attempt.signal?.addEventListener('abort', () => seen.push(attempt.signal?.reason));
        return hanging(attempt);
      });
      expect(await clock.run(outcome)).toBe('done');
      expect(clock.nowMs()).toBe(1_100);
      expect(seen).toEqual([
        expect.objectContaining({ code: 'timed-out', message: 'no answer in 1000 ms (attemptTimeoutMs)' }),
      ]);
      expect(clock.sleeping).toBe(0);
    });

    test('for all aborts the attempt that runs then, and what was thrown before is attached', async () => {
      const clock = new VirtualClock();
      const first = new Error('first');
      const outcome = policy(clock, { deadlineMs: 1_000 })((attempt) =>
        attempt.number === 1 ? Promise.reject(first) : hanging(attempt),
      );
      const thrown = await clock.run(outcome.catch((error: unknown) => error));
      expect(thrown).toMatchObject({
        code: 'timed-out',
        effect: 'unknown',
        message: 'no answer in 1000 ms (deadlineMs)',
      });
      expect(attemptsOf(thrown)).toEqual([{ number: 1, cause: first, delayMs: 100 }]);
      expect(clock.nowMs()).toBe(1_000);
      expect(clock.sleeping).toBe(0);
    });

    test('for all does not wait for an attempt that could only begin after it', async () => {
      const clock = new VirtualClock();
      const second = new Error('second');
      const { call, calls } = failing(new Error('first'), second);
      await expect(clock.run(policy(clock, { deadlineMs: 250 })(call))).rejects.toBe(second);
      expect(calls).toEqual([1, 2]);
      expect(clock.nowMs()).toBe(100);
    });
  });

  describe('a budget', () => {
    test('is shared: when its tokens are spent nobody retries, and calls that succeed fill it again', async () => {
      const clock = new VirtualClock();
      const budget = retryBudget({ capacity: 30 });
      const failed = async (): Promise<number> => {
        const { call, calls } = failing(new Error('1'), new Error('2'), new Error('3'));
        await clock.run(policy(clock, { budget })(call).catch(() => undefined));
        return calls.length;
      };
      expect([await failed(), await failed()]).toEqual([3, 1]);
      expect(budget.tokens).toBe(2);
      for (let call = 0; call < 12; call++) await policy(clock, { budget })(() => Promise.resolve());
      expect([budget.tokens, await failed()]).toEqual([14, 2]);
    });

    test('gets back what the retry cost that succeeded', async () => {
      const clock = new VirtualClock();
      const budget = retryBudget();
      await clock.run(policy(clock, { budget })(failing(new Error('1'), new Error('2')).call));
      expect(budget.tokens).toBe(500 - 14);
    });

    test('asks less for what a busy server throws', async () => {
      const clock = new VirtualClock();
      const budget = retryBudget();
      const { call } = failing(new Error('1'), new Error('2'), new Error('3'));
      await clock.run(policy(clock, { budget, isThrottling: always })(call).catch(() => undefined));
      expect(budget.tokens).toBe(490);
    });

    test.each([
      [{ capacity: 0 }, 'capacity is 0; it must be a whole number from 1'],
      [{ capacity: 10 }, 'cost is 14; it must be a whole number from 1 to 10'],
      [{ refund: -1 }, 'refund is -1; it must be a whole number from 0 to 500'],
      [{ throttlingCost: 501 }, 'throttlingCost is 501; it must be a whole number from 1 to 500'],
    ])('%j is refused', (options, message) => {
      expect(() => retryBudget(options)).toThrow(new RangeError(message));
    });
  });

  test('a decorrelated backoff is told its last delay of this call, and no other', async () => {
    const clock = new VirtualClock();
    const told: (number | undefined)[] = [];
    const growing = (_failed: number, previousMs?: number): number => {
      told.push(previousMs);
      return (previousMs ?? 0) + 10;
    };
    const { call } = failing(new Error('1'), new Error('2'));
    await clock.run(policy(clock, { backoff: growing })(call));
    await clock.run(policy(clock, { backoff: growing })(call));
    expect(told).toEqual([0, 10, 0, 10]);
  });

  test.each([
    [{ attemptTimeoutMs: 0 }, 'attemptTimeoutMs is 0; it must be more than 0 and at most 2147483647'],
    [{ deadlineMs: -1 }, 'deadlineMs is -1; it must be more than 0 and at most 2147483647'],
    [{ maxRetryAfterMs: NaN }, 'maxRetryAfterMs is NaN; it must be more than 0 and at most 2147483647'],
    [
      { deadlineMs: 10, attemptTimeoutMs: 20 },
      'deadlineMs is 10; it must be at least attemptTimeoutMs, which is 20',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => policy(new VirtualClock(), options)).toThrow(new RangeError(message));
  });

  test.each([0, -1, 1.5, NaN, Infinity])('maxAttempts of %d is refused', (maxAttempts) => {
    expect(() => policy(new VirtualClock(), { maxAttempts })).toThrow(
      new RangeError(`maxAttempts is ${String(maxAttempts)}; it must be a whole number from 1`),
    );
  });
});
