import { setImmediate as turn } from 'node:timers/promises';
import { WarmPool } from './warm-pool.js';

/** A source whose copies are made when the test says so, and a clock that goes when it says so. */
class Scene {
  readonly dropped: string[] = [];
  readonly timers = new Set<() => void>();
  readonly #pending: { resolve: (name: string) => void; reject: (error: Error) => void }[] = [];
  #made = 0;

  readonly source = {
    create: () =>
      new Promise<string>((resolve, reject) => {
        this.#pending.push({ resolve, reject });
      }),
    drop: (name: string) => Promise.resolve(void this.dropped.push(name)),
    later: (_ms: number, callback: () => void) => {
      this.timers.add(callback);
      return () => void this.timers.delete(callback);
    },
  };

  get making(): number {
    return this.#pending.length;
  }

  async made(): Promise<void> {
    this.#made += 1;
    this.#pending.shift()?.resolve(`copy ${String(this.#made)}`);
    await turn();
  }

  async failed(): Promise<void> {
    this.#pending.shift()?.reject(new Error('disk full'));
    await turn();
  }

  /** All that is wanted is made. */
  async settle(): Promise<void> {
    while (this.making > 0) await this.made();
  }

  async idle(): Promise<void> {
    const [timer] = this.timers;
    if (timer === undefined) throw new Error('nothing is waited for');
    this.timers.delete(timer);
    timer();
    await turn();
  }
}

async function lease(pool: WarmPool, signal?: AbortSignal): Promise<string | undefined> {
  const name = await pool.take(signal);
  pool.refill();
  return name;
}

describe('a pool', () => {
  test('makes nothing before the first lease', () => {
    const scene = new Scene();
    new WarmPool(scene.source);
    expect(scene.making).toBe(0);
    expect(scene.timers.size).toBe(0);
  });

  test('has one ready after the first lease, for the next, and no copy twice', async () => {
    const scene = new Scene();
    const pool = new WarmPool(scene.source);
    expect(await lease(pool)).toBeUndefined();
    await scene.settle();
    expect(await lease(pool)).toBe('copy 1');
    await scene.settle();
    expect(await lease(pool)).toBe('copy 2');
  });

  test('keeps twice as many when leases come faster than copies, and never more than 4', async () => {
    const scene = new Scene();
    const pool = new WarmPool(scene.source);
    for (let burst = 0; burst < 20; burst += 1) {
      const taken = pool.take();
      void taken;
    }
    pool.refill();
    await scene.settle();
    expect(await pool.close()).toHaveLength(4);
  });

  test('hands out the copy that is being made, to one lease alone', async () => {
    const scene = new Scene();
    const pool = new WarmPool(scene.source);
    await lease(pool);
    const [first, second] = [lease(pool), lease(pool)];
    expect(await second).toBeUndefined();
    await scene.made();
    expect(await first).toBe('copy 1');
  });

  test('keeps the copy that an aborted lease waited for', async () => {
    const scene = new Scene();
    const pool = new WarmPool(scene.source);
    await lease(pool);
    const controller = new AbortController();
    const aborted = lease(pool, controller.signal);
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    await scene.made();
    expect(await lease(pool)).toBe('copy 1');
  });

  test('makes one at a time', async () => {
    const scene = new Scene();
    const pool = new WarmPool(scene.source);
    await Promise.all([lease(pool), lease(pool), lease(pool)]);
    expect(scene.making).toBe(1);
  });

  test('keeps half as many after each idle time, and drops the rest, down to none', async () => {
    const scene = new Scene();
    const pool = new WarmPool(scene.source);
    await Promise.all([lease(pool), lease(pool), lease(pool)]);
    await scene.settle();
    await scene.idle();
    expect(scene.dropped).toHaveLength(2);
    await scene.idle();
    expect(scene.dropped).toHaveLength(3);
    await scene.idle();
    expect(scene.dropped).toHaveLength(4);
    expect(scene.timers.size).toBe(0);
  });

  test('stops after a copy that could not be made, until the next lease', async () => {
    const scene = new Scene();
    const pool = new WarmPool(scene.source);
    await lease(pool);
    await scene.failed();
    expect(scene.making).toBe(0);
    expect(await lease(pool)).toBeUndefined();
    expect(scene.making).toBe(1);
  });

  test('hands a lease that waited for such a copy back to itself', async () => {
    const scene = new Scene();
    const pool = new WarmPool(scene.source);
    await lease(pool);
    const waiting = lease(pool);
    await scene.failed();
    expect(await waiting).toBeUndefined();
  });

  test('leaves what is ready, and what is being made, to whoever closes it', async () => {
    const scene = new Scene();
    const pool = new WarmPool(scene.source, ['left by another']);
    await lease(pool);
    const closing = pool.close();
    await scene.made();
    expect(await closing).toEqual(['copy 1']);
    pool.refill();
    expect([scene.making, scene.timers.size]).toEqual([0, 0]);
  });
});
