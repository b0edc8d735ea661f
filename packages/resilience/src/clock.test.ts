import { systemClock } from './clock.js';

describe('systemClock', () => {
  test('sleep never ends early by its own reading', async () => {
    for (const ms of [0, 0.4, 1, 3.3]) {
      const startMs = systemClock.nowMs();
      await systemClock.sleep(ms);
      expect(systemClock.nowMs() - startMs).toBeGreaterThanOrEqual(ms);
    }
  });

  test('an abort ends a sleep of weeks with its reason and leaves no timer behind', async () => {
    const timersBefore = timers();
    const abort = new AbortController();
    const slept = systemClock.sleep(2_000_000_000, abort.signal);
    expect(timers()).toBe(timersBefore + 1);
    abort.abort('enough');
    await expect(slept).rejects.toBe('enough');
    expect(timers()).toBe(timersBefore);
  });

  test('a signal that has aborted already starts no timer', async () => {
    const timersBefore = timers();
    await expect(systemClock.sleep(1000, AbortSignal.abort('before'))).rejects.toBe('before');
    expect(timers()).toBe(timersBefore);
  });

  test.each([-1, NaN, Infinity, 2 ** 31])('a sleep of %d ms is refused, not shortened', async (ms) => {
    await expect(systemClock.sleep(ms)).rejects.toThrow(RangeError);
  });

  test('a scheduled callback never comes early by the same reading', async () => {
    for (const ms of [0, 0.4, 1, 3.3]) {
      const startMs = systemClock.nowMs();
      await new Promise<void>((resolve) => systemClock.schedule(ms, resolve));
      expect(systemClock.nowMs() - startMs).toBeGreaterThanOrEqual(ms);
    }
  });

  test('schedule calls back once, unless it is cancelled before', async () => {
    const called: string[] = [];
    systemClock.schedule(0, () => called.push('cancelled')).cancel();
    await new Promise<void>((resolve) => systemClock.schedule(1.5, resolve));
    expect(called).toEqual([]);
    expect(() => systemClock.schedule(-1, () => undefined)).toThrow(RangeError);
  });

  test('a scheduled callback that nobody holds keeps no process alive; held again, it does', () => {
    const timersBefore = timers();
    const timer = systemClock.schedule(1_000_000, () => undefined);
    expect(timers()).toBe(timersBefore + 1);
    timer.hold(false);
    expect(timers()).toBe(timersBefore);
    timer.hold(true);
    expect(timers()).toBe(timersBefore + 1);
    timer.cancel();
    expect(timers()).toBe(timersBefore);
  });
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
