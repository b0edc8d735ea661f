import { hedge } from './hedge.js';
import { VirtualClock } from './testing/virtual-clock.js';

function open() {
  const clock = new VirtualClock();
  const policy = hedge({ delayMs: 100 }, clock);
  const made: { number: number; atMs: number; signal: AbortSignal | undefined }[] = [];
  /** Attempts that take so long, and then fail or give their number. */
  const call =
    (...attempts: readonly { readonly ms: number; readonly error?: unknown }[]) =>
    async ({ number, signal }: { number: number; signal: AbortSignal | undefined }) => {
      made.push({ number, atMs: clock.nowMs(), signal });
      const { ms, error } = attempts[number - 1] ?? { ms: 0 };
      await clock.sleep(ms, signal);
      if (error !== undefined) throw error as Error;
      return number;
    };
  return { clock, policy, made, call };
}

describe('hedge', () => {
  test('a call that is back in time is made once, and nothing waits any more', async () => {
    const { clock, policy, made, call } = open();
    expect(await clock.run(policy(call({ ms: 99 })))).toBe(1);
    expect(made).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });

  test('a slow call is made a second time; the first result is given and the other attempt is aborted', async () => {
    const { clock, policy, made, call } = open();
    expect(await clock.run(policy(call({ ms: 500 }, { ms: 50 })))).toBe(2);
    expect(made.map(({ atMs }) => atMs)).toEqual([0, 100]);
    expect(clock.nowMs()).toBe(150);
    expect(made[0]?.signal?.reason).toMatchObject({ code: 'superseded' });
    expect(made[1]?.signal?.aborted).toBe(false);
    expect(clock.sleeping).toBe(0);
  });

  test('the first attempt may still win, and then the second is aborted', async () => {
    const { clock, policy, made, call } = open();
    expect(await clock.run(policy(call({ ms: 150 }, { ms: 500 })))).toBe(1);
    expect(made[1]?.signal?.reason).toMatchObject({ code: 'superseded' });
  });

  test('a failure before the second attempt is the outcome: to try again is for retry', async () => {
    const { clock, policy, made, call } = open();
    const failure = new Error('no');
    await expect(clock.run(policy(call({ ms: 50, error: failure })))).rejects.toBe(failure);
    expect(made).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });

  test('a failure of one is not the outcome while the other runs; if both fail it is the first that is thrown', async () => {
    const first = new Error('first');
    const second = new Error('second');
    const one = open();
    expect(await one.clock.run(one.policy(one.call({ ms: 120, error: first }, { ms: 100 })))).toBe(2);
    const both = open();
    const outcome = both.policy(both.call({ ms: 300, error: first }, { ms: 20, error: second }));
    await expect(both.clock.run(outcome)).rejects.toBe(second);
  });

  test('an abort ends both attempts at once', async () => {
    const { clock, policy, made, call } = open();
    const abort = new AbortController();
    const outcome = policy(call({ ms: 500 }, { ms: 500 }), abort.signal).catch((reason: unknown) => reason);
    await clock.advance(200);
    abort.abort('enough');
    expect(await outcome).toBe('enough');
    expect(made.map(({ signal }) => signal?.reason as unknown)).toEqual(['enough', 'enough']);
    expect(clock.sleeping).toBe(0);
  });

  test('a delay of nothing is refused', () => {
    expect(() => hedge({ delayMs: 0 }, new VirtualClock())).toThrow(
      new RangeError('delayMs is 0; it must be more than 0 and at most 2147483647'),
    );
  });
});
