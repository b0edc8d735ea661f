import fc from 'fast-check';
import { type Attempt, slotOfAttempts } from '../testing/slot-of-attempts.js';
import type { Holder, ServiceSlot } from './service-slot.js';

const holder = (name: string): Holder => ({ name });
const [anna, bert] = [holder('anna'), holder('bert')];

describe('a slot', () => {
  test('starts the service for its first holder and lets the second join', async () => {
    const { slot, attempts } = slotOfAttempts();
    const first = slot.acquire(anna);
    expect(slot.status()).toMatchObject({ phase: 'starting', holders: ['anna'], pinned: false });
    attempts[0]!.succeed();
    expect((await first).startedInMs).toBe(9);
    const joined = await slot.acquire(bert);
    expect(joined).not.toHaveProperty('startedInMs');
    expect(joined.endpoint.port).toBe(6379);
    expect(attempts).toHaveLength(1);
    expect(slot.status()).toMatchObject({ phase: 'running', holders: ['anna', 'bert'] });
  });

  test('starts once for two who come at once, on the port of the first', async () => {
    const { slot, attempts } = slotOfAttempts();
    const both = Promise.all([slot.acquire(anna, 7001), slot.acquire(bert, 7002)]);
    expect(attempts.map(({ port }) => port)).toEqual([7001]);
    attempts[0]!.succeed();
    await expect(both).resolves.toHaveLength(2);
  });

  test('stops the service its time after the last holder has gone, not before', async () => {
    const { slot, attempts, clock, settle, stoppedBecause } = slotOfAttempts();
    const offers = [slot.acquire(anna), slot.acquire(bert)];
    attempts[0]!.succeed();
    await Promise.all(offers);
    slot.release(anna, 100);
    await clock.advance(500);
    expect(slot.status().phase).toBe('running');
    slot.release(bert, 100);
    await clock.advance(99);
    expect(slot.status().phase).toBe('running');
    await clock.advance(1);
    expect(slot.status().phase).toBe('stopping');
    attempts[0]!.finishStop();
    await settle();
    expect(slot.isStopped).toBe(true);
    expect(stoppedBecause).toEqual(['asked to stop']);
  });

  test('keeps the service when somebody comes back in time, and counts anew from the next release', async () => {
    const { slot, attempts, clock } = slotOfAttempts();
    const offer = slot.acquire(anna);
    attempts[0]!.succeed();
    await offer;
    slot.release(anna, 100);
    await clock.advance(60);
    await slot.acquire(bert);
    await clock.advance(1_000);
    slot.release(bert, 100);
    await clock.advance(60);
    expect(slot.status().phase).toBe('running');
    await clock.advance(40);
    expect(attempts[0]!.stops).toBe(1);
  });

  test('stops at once for 0', async () => {
    const { slot, attempts } = slotOfAttempts();
    const offer = slot.acquire(anna);
    attempts[0]!.succeed();
    await offer;
    slot.release(anna, 0);
    expect(slot.status()).toMatchObject({ phase: 'stopping', holders: [] });
  });

  test('takes no notice of somebody who does not hold it', async () => {
    const { slot, attempts } = slotOfAttempts();
    const offer = slot.acquire(anna);
    attempts[0]!.succeed();
    await offer;
    slot.release(holder('anna'), 0); // compared by identity, not by name
    expect(slot.status()).toMatchObject({ phase: 'running', holders: ['anna'] });
  });

  test('starts anew for somebody who comes while it is stopping, once the old one is gone', async () => {
    const { slot, attempts, settle } = slotOfAttempts();
    const offer = slot.acquire(anna);
    attempts[0]!.succeed();
    await offer;
    slot.release(anna, 0);
    const next = slot.acquire(bert);
    await settle();
    expect(attempts).toHaveLength(1);
    attempts[0]!.finishStop();
    await settle();
    expect(attempts).toHaveLength(2);
    attempts[1]!.succeed();
    await expect(next).resolves.toMatchObject({ startedInMs: 9 });
  });

  test('does not start anew for somebody who came while it was stopping and has gone again', async () => {
    const { slot, attempts, settle } = slotOfAttempts();
    const offer = slot.acquire(anna);
    attempts[0]!.succeed();
    await offer;
    slot.release(anna, 0);
    const next = slot.acquire(bert);
    slot.release(bert, 0);
    attempts[0]!.finishStop();
    await expect(next).rejects.toThrow('given back');
    await settle();
    expect(attempts).toHaveLength(1);
    expect(slot.isStopped).toBe(true);
  });

  test('gives up a start that nobody waits for any more', async () => {
    const { slot, attempts, settle } = slotOfAttempts();
    const offer = slot.acquire(anna);
    slot.release(anna, 0);
    await expect(offer).rejects.toThrow('nobody wants it any more');
    await settle();
    expect(attempts[0]!.signal.aborted).toBe(true);
    expect(slot.isStopped).toBe(true);
  });

  test('goes on with a start that is to be kept warm, and stops it in time', async () => {
    const { slot, attempts, clock } = slotOfAttempts();
    const offer = slot.acquire(anna);
    slot.release(anna, 100);
    attempts[0]!.succeed();
    await offer;
    expect(slot.status()).toMatchObject({ phase: 'running', holders: [] });
    await clock.advance(100);
    expect(slot.status().phase).toBe('stopping');
  });

  test('starts anew for somebody who comes while a start is being given up', async () => {
    const { slot, attempts, settle } = slotOfAttempts();
    const first = slot.acquire(anna);
    first.catch(() => undefined);
    slot.release(anna, 0);
    const second = slot.acquire(bert);
    await settle();
    expect(attempts).toHaveLength(2);
    attempts[1]!.succeed();
    await expect(second).resolves.toMatchObject({ service: 'redis' });
    await expect(first).rejects.toThrow('nobody wants it any more');
    expect(slot.status()).toMatchObject({ phase: 'running', holders: ['bert'] });
  });

  test('is not held by those whose start failed, and starts anew for the next', async () => {
    const { slot, attempts, stoppedBecause } = slotOfAttempts();
    const both = Promise.allSettled([slot.acquire(anna), slot.acquire(bert)]);
    attempts[0]!.fail(new Error('no such binary'));
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(slot.status()).toEqual({
      service: 'redis',
      provider: 'local',
      phase: 'stopped',
      private: false,
      pinned: false,
      holders: [],
    });
    expect(slot.isUsed).toBe(false);
    expect(stoppedBecause).toEqual(['it could not be started']);
    const next = slot.acquire(anna);
    attempts[1]!.succeed();
    await expect(next).resolves.toMatchObject({ service: 'redis' });
  });

  test('clears up after a service that ends by itself, and starts it anew for the next holder', async () => {
    const { slot, attempts, settle, stoppedBecause } = slotOfAttempts();
    const offer = slot.acquire(anna);
    attempts[0]!.succeed();
    await offer;
    attempts[0]!.die();
    await settle();
    expect(attempts[0]!.stops).toBe(1);
    attempts[0]!.finishStop();
    await settle();
    expect(stoppedBecause).toEqual(['it ended by itself: exit code 1']);
    expect(slot.status()).toMatchObject({ phase: 'stopped', holders: ['anna'] });
    const next = slot.acquire(bert);
    attempts[1]!.succeed();
    await next;
    expect(slot.status()).toMatchObject({ phase: 'running', holders: ['anna', 'bert'] });
  });

  test('keeps a pinned service without a holder, and lets it go once it is unpinned', async () => {
    const { slot, attempts, clock } = slotOfAttempts();
    const offer = slot.acquire(anna);
    attempts[0]!.succeed();
    await offer;
    slot.pin();
    slot.release(anna, 0);
    await clock.advance(1_000_000);
    expect(slot.status()).toMatchObject({ phase: 'running', pinned: true, holders: [] });
    slot.unpin();
    expect(slot.isUsed).toBe(false);
    await slot.acquire(bert);
    slot.release(bert, 0);
    expect(slot.status().phase).toBe('stopping');
  });

  test('gives a start 30 seconds', async () => {
    const { slot, attempts, clock } = slotOfAttempts();
    const outcome = slot.acquire(anna).catch((error: unknown) => error);
    await clock.advance(29_999);
    expect(slot.status().phase).toBe('starting');
    await clock.advance(1);
    expect(await outcome).toEqual(new Error('redis had 30 s to start'));
    expect(attempts[0]!.signal.aborted).toBe(true);
    expect(slot.isStopped).toBe(true);
  });

  test('does not hold its deadline against a service that came up', async () => {
    const { slot, attempts, clock } = slotOfAttempts();
    const offer = slot.acquire(anna);
    attempts[0]!.succeed();
    await offer;
    await clock.advance(60_000);
    expect(slot.status().phase).toBe('running');
  });

  test('stops whatever it is doing, and resolves when nothing is left', async () => {
    const { slot, attempts, settle } = slotOfAttempts();
    await slot.stop(); // nothing to do
    const starting = slot.acquire(anna).catch((error: unknown) => error);
    await slot.stop();
    expect(await starting).toEqual(new Error('nobody wants it any more'));
    const running = slot.acquire(anna);
    attempts[1]!.succeed();
    await running;
    let isDone = false;
    const stops = Promise.all([slot.stop(), slot.stop()]).then(() => {
      isDone = true;
    });
    await settle();
    expect(isDone).toBe(false);
    attempts[1]!.finishStop();
    await stops;
    expect(attempts[1]!.stops).toBe(1);
    expect(slot.isStopped).toBe(true);
  });

  test('ends a service that came up although its start was being given up', async () => {
    const { slot, attempts, settle } = slotOfAttempts();
    const offer = slot.acquire(anna);
    attempts[0]!.succeed(); // before the abort reaches it
    slot.release(anna, 0);
    await offer;
    await settle();
    expect(attempts[0]!.stops).toBe(1);
    attempts[0]!.finishStop();
    await settle();
    expect(slot.isStopped).toBe(true);
  });

  test('a service that cannot be cleared up counts as stopped, and says so', async () => {
    const { slot, attempts, stoppedBecause, settle } = slotOfAttempts();
    const offer = slot.acquire(anna);
    attempts[0]!.succeed();
    await offer;
    slot.release(anna, 0);
    attempts[0]!.failStop(new Error('EBUSY'));
    await settle();
    expect(slot.isStopped).toBe(true);
    expect(stoppedBecause).toEqual(['asked to stop; clearing up: EBUSY']);
  });
});

type Step =
  | { readonly do: 'acquire' | 'release0' | 'release50'; readonly who: number }
  | { readonly do: 'succeed' | 'fail' | 'die' | 'finishStop' | 'pin' | 'down' | 'stop' | 'settle' }
  | { readonly do: 'pass'; readonly ms: number };

/** As the supervisor does. */
function down(slot: ServiceSlot): void {
  slot.unpin();
  if (!slot.isUsed) void slot.stop();
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('acquire', 'release0', 'release50'),
    who: fc.nat({ max: 2 }),
  }),
  fc.record({
    do: fc.constantFrom('succeed', 'fail', 'die', 'finishStop', 'pin', 'down', 'stop', 'settle'),
  }),
  fc.record({ do: fc.constant('pass'), ms: fc.integer({ min: 1, max: 60 }) }),
);

test('whatever comes in whatever order, one service at most is alive, each is stopped once, and none is forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { slot, attempts, clock, settle } = slotOfAttempts();
      const people = [holder('a'), holder('b'), holder('c')];
      const oldest = (): Attempt | undefined => attempts.find(({ isAlive }) => isAlive);
      for (const next of steps) {
        const attempt = oldest();
        switch (next.do) {
          case 'acquire':
            void slot.acquire(people[next.who]!).catch(() => undefined);
            break;
          case 'release0':
          case 'release50':
            slot.release(people[next.who]!, next.do === 'release0' ? 0 : 50);
            break;
          case 'pin':
            slot.pin();
            break;
          case 'down':
            down(slot);
            break;
          case 'stop':
            void slot.stop();
            break;
          case 'succeed':
            attempt?.succeed();
            break;
          case 'fail':
            if (slot.status().phase === 'starting') attempt?.fail(new Error('it failed'));
            break;
          case 'die':
            if (slot.status().phase === 'running') attempt?.die();
            break;
          case 'finishStop':
            if ((attempt?.stops ?? 0) > 0) attempt?.finishStop();
            break;
          case 'settle':
            await settle();
            break;
          case 'pass':
            await clock.advance(next.ms);
        }
        expect(attempts.filter(({ isAlive }) => isAlive).length).toBeLessThanOrEqual(1);
        expect(attempts.every(({ stops }) => stops <= 1)).toBe(true);
      }
      // Everybody goes, and the time to keep it warm passes.
      for (const person of people) slot.release(person, 50);
      down(slot);
      for (let round = 0; round < 4; round++) {
        await clock.advance(100);
        if ((oldest()?.stops ?? 0) > 0) oldest()?.finishStop();
        await settle();
        oldest()?.succeed();
      }
      expect(slot.isStopped).toBe(true);
      expect(attempts.filter(({ isAlive }) => isAlive)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
