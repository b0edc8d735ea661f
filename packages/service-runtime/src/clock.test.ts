import { systemClock } from './clock.js';

describe('the clock of the machine', () => {
  test('never goes back', () => {
    const before = systemClock.nowMs();
    expect(systemClock.nowMs()).toBeGreaterThanOrEqual(before);
  });

  test('tells people the time in UTC', () => {
    expect(systemClock.timestamp()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('ends a sleep with the reason of its signal, whether it aborts before or during it', async () => {
    const told = new AbortController();
    const sleep = systemClock.sleep(60_000, told.signal);
    told.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    await expect(systemClock.sleep(60_000, told.signal)).rejects.toThrow('enough');
  });

  test('does what is scheduled once, unless it was cancelled', async () => {
    const seen: string[] = [];
    systemClock.schedule(0, () => seen.push('cancelled')).cancel();
    await new Promise<void>((resolve) => {
      systemClock.schedule(1, () => {
        seen.push('done');
        resolve();
      });
    });
    expect(seen).toEqual(['done']);
  });
});
