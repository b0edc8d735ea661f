import { VirtualClock } from './virtual-clock.js';

describe('VirtualClock', () => {
  test('wakes sleepers in order of time, then of arrival, each at its own time', async () => {
    const clock = new VirtualClock();
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push(`${name} at ${String(clock.nowMs())}`);
    };
    const all = [sleeper('c', 30), sleeper('a', 10), sleeper('b', 10), sleeper('d', 31)];
    await clock.advance(30);
    expect(woken).toEqual(['a at 10', 'b at 10', 'c at 30']);
    expect(clock.sleeping).toBe(1);
    await clock.run(Promise.all(all));
    expect(clock.slept).toEqual([10, 10, 30, 31]);
  });

  test('wakes in the same advance those who begin to sleep during it', async () => {
    const clock = new VirtualClock();
    const twice = clock.sleep(10).then(() => clock.sleep(10));
    await clock.advance(20);
    expect(clock.sleeping).toBe(0);
    await twice;
  });

  test('an aborted sleeper is gone and was not slept', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const slept = clock.sleep(10, abort.signal);
    abort.abort('enough');
    await expect(slept).rejects.toBe('enough');
    expect(clock.sleeping).toBe(0);
    expect(clock.slept).toEqual([]);
  });

  test('run throws what the work throws', async () => {
    const clock = new VirtualClock();
    const work = clock.sleep(10).then(() => Promise.reject(new Error('after ten')));
    await expect(clock.run(work)).rejects.toThrow('after ten');
    expect(clock.nowMs()).toBe(10);
  });
});
