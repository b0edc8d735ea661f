import { jest } from '@jest/globals';
import { pause, within } from './deadline.js';

const never = () => new Promise<never>(() => undefined);

describe('within', () => {
  test('answers what the work answers', async () => {
    expect(await within({ what: 'adding', ms: 1_000 }, () => Promise.resolve(2))).toBe(2);
  });

  test('passes on what the work throws', async () => {
    const failure = new Error('no');
    await expect(within({ what: 'adding', ms: 1_000 }, () => Promise.reject(failure))).rejects.toBe(failure);
  });

  test('gives up at the limit, naming the work and the limit, and tells the work', async () => {
    let reason: unknown;
    const work = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
      return never();
    };
    await expect(within({ what: 'waiting for Godot', ms: 1 }, work)).rejects.toThrow(
      '[timeout] waiting for Godot took longer than 1 ms',
    );
    expect(reason).toMatchObject({ code: 'timeout' });
  });

  test('gives up with the reason of the signal, whatever that is', async () => {
    const controller = new AbortController();
    const result = within({ what: 'waiting', ms: 60_000, signal: controller.signal }, never);
    controller.abort('enough');
    await expect(result).rejects.toBe('enough');
  });

  test('does not begin when the signal has aborted before', async () => {
    let begun = false;
    const signal = AbortSignal.abort('before');
    const work = () => {
      begun = true;
      return Promise.resolve();
    };
    await expect(within({ what: 'waiting', ms: 60_000, signal }, work)).rejects.toBe('before');
    expect(begun).toBe(false);
  });

  test('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    const removed = jest.spyOn(signal, 'removeEventListener');
    await within({ what: 'adding', ms: 1_000, signal }, () => Promise.resolve());
    expect(removed).toHaveBeenCalledWith('abort', expect.any(Function));
  });

  test('works while the global timers are fake', async () => {
    jest.useFakeTimers();
    try {
      await expect(within({ what: 'waiting', ms: 1 }, never)).rejects.toMatchObject({ code: 'timeout' });
    } finally {
      jest.useRealTimers();
    }
  });
});

test('a pause ends with the reason of its signal', async () => {
  const controller = new AbortController();
  const paused = pause(60_000, controller.signal);
  controller.abort('enough');
  await expect(paused).rejects.toBe('enough');
});
