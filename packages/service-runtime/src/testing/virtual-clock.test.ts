import { VirtualClock } from './virtual-clock.js';

describe('a virtual clock', () => {
  test('lets what is due happen in order of time, and nothing that is not', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.schedule(20, () => seen.push(`second at ${clock.nowMs()}`));
    clock.schedule(10, () => seen.push(`first at ${clock.nowMs()}`));
    clock.schedule(31, () => seen.push('too early'));
    await clock.advance(30);
    expect(seen).toEqual(['first at 10', 'second at 20']);
    expect(clock.nowMs()).toBe(30);
  });

  test('a cancelled action never happens', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.schedule(10, () => seen.push('fired')).cancel();
    await clock.advance(100);
    expect(seen).toEqual([]);
  });

  test('a sleep ends with the reason of its signal', async () => {
    const clock = new VirtualClock();
    const told = new AbortController();
    const sleep = clock.sleep(10, told.signal);
    told.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    await expect(clock.sleep(10, told.signal)).rejects.toThrow('enough');
  });
});
