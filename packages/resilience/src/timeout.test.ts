import { VirtualClock } from './testing/virtual-clock.js';
import { timeout } from './timeout.js';

const late = new Error('late');
const never = (): Promise<never> => new Promise(() => undefined);

describe('timeout', () => {
  test('a call in time gives its result and leaves no sleeper', async () => {
    const clock = new VirtualClock();
    const policy = timeout({ timeoutMs: 100, error: () => late }, clock);
    await expect(policy(() => Promise.resolve(7))).resolves.toBe(7);
    expect(clock.sleeping).toBe(0);
  });

  test('a call that fails in time throws its own error', async () => {
    const own = new Error('own');
    const clock = new VirtualClock();
    await expect(
      timeout({ timeoutMs: 100, error: () => late }, clock)(() => Promise.reject(own)),
    ).rejects.toBe(own);
    expect(clock.sleeping).toBe(0);
  });

  test('a call that hangs is given up when the time is up, and its signal aborts with the error', async () => {
    const clock = new VirtualClock();
    const seen: AbortSignal[] = [];
    const outcome = timeout(
      { timeoutMs: 100, error: () => late },
      clock,
    )(({ signal }) => {
      if (signal !== undefined) seen.push(signal);
      return never();
    }).catch((error: unknown) => error);
    await clock.advance(99);
    expect(seen[0]?.aborted).toBe(false);
    await clock.advance(1);
    expect(await outcome).toBe(late);
    expect(seen[0]?.reason).toBe(late);
  });

  test('an abort ends even a call that ignores it, with the reason, and leaves no sleeper', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const outcome = timeout({ timeoutMs: 100, error: () => late }, clock)(never, abort.signal);
    abort.abort('enough');
    await expect(outcome).rejects.toBe('enough');
    expect(clock.sleeping).toBe(0);
  });

  test('a signal that has aborted already prevents the call', async () => {
    let calls = 0;
    const policy = timeout({ timeoutMs: 100, error: () => late }, new VirtualClock());
    const call = (): Promise<number> => Promise.resolve((calls += 1));
    await expect(policy(call, AbortSignal.abort('before'))).rejects.toBe('before');
    expect(calls).toBe(0);
  });

  test('Infinity hands the signal through and keeps no time', async () => {
    const clock = new VirtualClock();
    const { signal } = new AbortController();
    const policy = timeout({ timeoutMs: Infinity, error: () => late }, clock);
    await expect(policy((attempt) => Promise.resolve(attempt.signal), signal)).resolves.toBe(signal);
    expect(clock.sleeping).toBe(0);
  });

  test.each([0, -1, NaN, 2 ** 31])('timeoutMs of %d is refused', (timeoutMs) => {
    expect(() => timeout({ timeoutMs, error: () => late }, new VirtualClock())).toThrow(RangeError);
  });
});
