import { VirtualClock } from '@sqlflow/resilience/testing';
import { BlockReader } from './block-reader.js';

/** Blocks that tell when they were let go. */
function counted(count: number, state = { hasEnded: false }) {
  async function* give(): AsyncGenerator<number> {
    try {
      for (let block = 1; block <= count; block++) yield await Promise.resolve(block);
    } finally {
      state.hasEnded = true;
    }
  }
  return { blocks: give(), state };
}

const never = new AbortController().signal;

test('blocks come one at a time, and then none', async () => {
  const reader = new BlockReader(counted(2).blocks, new VirtualClock());
  expect([await reader.next([never]), await reader.next([never]), await reader.next([never])]).toEqual([
    1,
    2,
    undefined,
  ]);
  await reader.end();
});

test('nothing is taken after an abort, and what is left is let go', async () => {
  const { blocks, state } = counted(2);
  const reader = new BlockReader(blocks, new VirtualClock());
  await reader.next([never]);
  const reason = new Error('enough');
  await expect(reader.next([never, AbortSignal.abort(reason)])).rejects.toBe(reason);
  await reader.end();
  expect(state.hasEnded).toBe(true);
});

test('an abort is not held up by a block that does not come', async () => {
  const clock = new VirtualClock();
  const reader = new BlockReader(
    { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) },
    clock,
  );
  const controller = new AbortController();
  const taking = reader.next([controller.signal]);
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(taking).rejects.toBe(reason);
  await reader.end();
});

test('what the blocks throw is thrown, and a failure to let go is not', async () => {
  const reason = new Error('of the blocks');
  const failing = {
    *[Symbol.iterator](): Generator<number> {
      throw reason;
    },
  };
  await expect(new BlockReader(failing, new VirtualClock()).next([never])).rejects.toBe(reason);
  const stubborn = {
    [Symbol.iterator]: () => ({
      next: () => ({ done: false as const, value: 1 }),
      return: (): never => {
        throw new Error('does not let go');
      },
    }),
  };
  const reader = new BlockReader(stubborn, new VirtualClock());
  await reader.next([never]);
  await reader.end();
});

test('who lets go for ever is not waited for', async () => {
  const clock = new VirtualClock();
  const reader = new BlockReader<number>(
    {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: 1 }),
        return: () => new Promise<never>(() => undefined),
      }),
    },
    clock,
  );
  await reader.next([never]);
  const ending = reader.end();
  await clock.advance(1_000);
  await ending;
});
