import fc from 'fast-check';
import { bulkhead, type BulkheadOptions } from './bulkhead.js';
import { VirtualClock } from './testing/virtual-clock.js';

function open(options: Partial<BulkheadOptions> = {}) {
  const clock = new VirtualClock();
  const policy = bulkhead({ maxConcurrent: 2, maxQueue: 2, ...options }, clock);
  const started: string[] = [];
  const call = (name: string, ms = 1_000, signal?: AbortSignal) =>
    policy(async () => {
      started.push(`${name} at ${String(clock.nowMs())}`);
      await clock.sleep(ms);
      return name;
    }, signal);
  return { clock, policy, started, call };
}

describe('the bulkhead', () => {
  test('so many run at a time, the others wait in order of arrival', async () => {
    const { clock, policy, started, call } = open();
    const all = [call('a'), call('b', 500), call('c'), call('d')];
    expect([policy.running, policy.waiting]).toEqual([2, 2]);
    await clock.run(Promise.all(all));
    expect(started).toEqual(['a at 0', 'b at 0', 'c at 500', 'd at 1000']);
    expect([policy.running, policy.waiting]).toEqual([0, 0]);
  });

  test('who finds the queue full is turned away, and its call is not made', async () => {
    const { clock, started, call } = open();
    const all = [call('a'), call('b'), call('c'), call('d')];
    await expect(call('e')).rejects.toMatchObject({
      code: 'queue-full',
      effect: 'none',
      message: '2 calls run (maxConcurrent) and 2 wait (maxQueue)',
    });
    await clock.run(Promise.all(all));
    expect(started).toHaveLength(4);
  });

  test('who is aborted while it waits gives its place up at once', async () => {
    const { clock, policy, started, call } = open({ maxConcurrent: 1 });
    const abort = new AbortController();
    const first = call('a');
    const second = call('b', 1_000, abort.signal);
    const third = call('c');
    abort.abort('enough');
    await expect(second).rejects.toBe('enough');
    expect(policy.waiting).toBe(1);
    await clock.run(Promise.all([first, third]));
    expect(started).toEqual(['a at 0', 'c at 1000']);
  });

  test('nobody waits for longer than it may', async () => {
    const { clock, policy, call } = open({ maxConcurrent: 1, maxWaitMs: 300 });
    const first = call('a');
    await expect(clock.run(call('b'))).rejects.toMatchObject({
      code: 'queue-full',
      message: 'no place became free in 300 ms (maxWaitMs)',
    });
    expect(clock.nowMs()).toBe(300);
    await clock.run(first);
    expect([policy.running, policy.waiting, clock.sleeping]).toEqual([0, 0, 0]);
  });

  test('a failure frees the place as well, and one that is thrown at once', async () => {
    const { policy } = open({ maxConcurrent: 1, maxQueue: 0 });
    const thrown = new Error('at once');
    await expect(policy(() => Promise.reject(thrown))).rejects.toBe(thrown);
    await expect(
      policy(() => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    expect(policy.running).toBe(0);
  });

  test('an abort in the moment in which its turn comes passes the turn on', async () => {
    const { clock, policy, started, call } = open({ maxConcurrent: 1 });
    const abort = new AbortController();
    const first = policy(() => {
      const work = clock.sleep(1_000);
      // Right after the policy has seen its end, and before who waits has been woken.
      queueMicrotask(
        () =>
          void work.then(() => {
            abort.abort('enough');
          }),
      );
      return work;
    });
    const second = call('b', 1, abort.signal).catch((reason: unknown) => reason);
    const third = call('c', 1);
    await clock.run(Promise.all([first, second, third]));
    expect(await second).toBe('enough');
    expect(started).toEqual(['c at 1000']);
  });

  test('never more than maxConcurrent run, and all that may run do, whatever is asked and aborted', async () => {
    const asked = fc.array(
      fc.record({ atMs: fc.nat(50), ms: fc.nat(20), abortsInMs: fc.option(fc.nat(30), { nil: undefined }) }),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        asked,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(5),
        async (calls, maxConcurrent, maxQueue) => {
          const clock = new VirtualClock();
          const policy = bulkhead({ maxConcurrent, maxQueue }, clock);
          let running = 0;
          const outcomes = calls.map(async ({ atMs, ms, abortsInMs }) => {
            await clock.sleep(atMs);
            const abort = new AbortController();
            if (abortsInMs !== undefined)
              clock.schedule(abortsInMs, () => {
                abort.abort('enough');
              });
            return policy(async () => {
              running++;
              expect(running).toBeLessThanOrEqual(maxConcurrent);
              await clock.sleep(ms);
              running--;
            }, abort.signal).catch((reason: unknown) => {
              if (reason !== 'enough') {
                expect(reason).toMatchObject({ code: 'queue-full' });
                expect(policy.running).toBe(maxConcurrent);
              }
            });
          });
          await clock.run(Promise.all(outcomes));
          expect([running, policy.running, policy.waiting]).toEqual([0, 0, 0]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    [{ maxConcurrent: 0 }, 'maxConcurrent is 0'],
    [{ maxQueue: -1 }, 'maxQueue is -1'],
    [{ maxWaitMs: 0 }, 'maxWaitMs is 0'],
  ])('%j is refused', (options, message) => {
    expect(() => open(options)).toThrow(RangeError);
    expect(() => open(options)).toThrow(message);
  });
});
