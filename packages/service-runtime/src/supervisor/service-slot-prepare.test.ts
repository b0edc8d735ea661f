import { deferred } from '../testing/deferred.js';
import { slotOfAttempts } from '../testing/slot-of-attempts.js';
import type { Holder, Starter } from './service-slot.js';

const anna: Holder = { name: 'anna' };
const bert: Holder = { name: 'bert' };

describe('a slot that has something to get before it starts', () => {
  /** A preparation that the test settles, and that an abort ends. */
  function preparation() {
    const done = deferred<undefined>();
    const told: { say?: (message: string) => void; signal?: AbortSignal } = {};
    const prepare: Starter['prepare'] = (say, signal) => {
      Object.assign(told, { say, signal });
      signal.addEventListener('abort', () => {
        done.reject(signal.reason);
      });
      return done.promise.then(() => undefined);
    };
    return { done, told, ...slotOfAttempts(prepare) };
  }

  test('gets it first, and starts then', async () => {
    const { slot, attempts, done, settle } = preparation();
    const offer = slot.acquire(anna, 7001);
    await settle();
    expect(attempts).toEqual([]);
    expect(slot.status().phase).toBe('starting');
    done.resolve(undefined);
    await settle();
    expect(attempts.map(({ port }) => port)).toEqual([7001]);
    attempts[0]!.succeed();
    await offer;
  });

  test('tells all who wait how far it is, and nobody who has gone', async () => {
    const { slot, attempts, done, told, settle } = preparation();
    const heard: string[] = [];
    const listener = (name: string): Holder => ({
      name,
      onProgress: (service, message) => heard.push(`${name}: ${service} ${message}`),
    });
    const [first, second] = [listener('first'), listener('second')];
    const offers = [slot.acquire(first), slot.acquire(second), slot.acquire(anna)];
    told.say?.('half of it');
    expect(heard).toEqual(['first: redis half of it', 'second: redis half of it']);
    slot.release(first, 1_000);
    told.say?.('nearly all');
    expect(heard.slice(2)).toEqual(['second: redis nearly all']);
    done.resolve(undefined);
    await settle();
    attempts[0]!.succeed();
    await Promise.all(offers);
  });

  test('has ten minutes for it, of which the start is not taken', async () => {
    const { slot, attempts, done, clock, settle } = preparation();
    const outcome = slot.acquire(anna).catch((error: unknown) => error);
    await clock.advance(599_999);
    done.resolve(undefined);
    await settle();
    await clock.advance(29_999);
    expect(slot.status().phase).toBe('starting');
    expect(attempts[0]!.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await outcome).toEqual(new Error('redis had 30 s to start'));
  });

  test('gives up what it cannot get within ten minutes, and starts nothing', async () => {
    const { slot, attempts, clock, told } = preparation();
    const outcome = slot.acquire(anna).catch((error: unknown) => error);
    await clock.advance(599_999);
    expect(told.signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(await outcome).toEqual(new Error('redis had 600 s to start'));
    expect(attempts).toEqual([]);
    expect(slot.isStopped).toBe(true);
  });

  test('gives it up when nobody wants the service any more, and starts nothing', async () => {
    const { slot, attempts, settle, told } = preparation();
    const offer = slot.acquire(anna);
    slot.release(anna, 0);
    await expect(offer).rejects.toThrow('nobody wants it any more');
    await settle();
    expect(told.signal?.aborted).toBe(true);
    expect(attempts).toEqual([]);
    expect(slot.isStopped).toBe(true);
  });

  test('gets it anew for the next after it could not be had', async () => {
    let times = 0;
    const { slot, attempts, settle } = slotOfAttempts(() =>
      ++times === 1 ? Promise.reject(new Error('no such image')) : Promise.resolve(),
    );
    await expect(slot.acquire(anna)).rejects.toThrow('no such image');
    expect(slot.isUsed).toBe(false);
    const next = slot.acquire(bert);
    await settle();
    attempts[0]!.succeed();
    await next;
    expect(times).toBe(2);
  });
});
