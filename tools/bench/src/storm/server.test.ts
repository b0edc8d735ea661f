import { VirtualClock } from '@sqlflow/resilience/testing';
import { Refused, Server } from './server.js';

const options = { requestsPerSecond: 10, maxQueueMs: 500, outage: { fromMs: 10_000, untilMs: 20_000 } };

function serverAt(startMs: number) {
  const clock = new VirtualClock();
  const reached: number[] = [];
  const server = new Server(options, clock, () => reached.push(clock.nowMs()));
  /** When each was answered; `undefined` for those that were refused. */
  const ask = async (count: number): Promise<(number | undefined)[]> => {
    await clock.advance(startMs);
    const answers = Array.from({ length: count }, () =>
      server.request().then(
        () => clock.nowMs() - startMs,
        (error: unknown) => {
          expect(error).toBeInstanceOf(Refused);
          return undefined;
        },
      ),
    );
    return clock.run(Promise.all(answers));
  };
  return { ask, reached };
}

describe('the simulated server', () => {
  test('does one request after the other, and refuses who would wait for too long', async () => {
    const { ask, reached } = serverAt(0);
    expect(await ask(8)).toEqual([100, 200, 300, 400, 500, 600, undefined, undefined]);
    expect(reached).toHaveLength(8);
  });

  test('is free again after a while in which nobody came', async () => {
    expect(await serverAt(3_000).ask(2)).toEqual([100, 200]);
  });

  test('refuses everything while it is down, and counts it', async () => {
    const { ask, reached } = serverAt(10_000);
    expect(await ask(2)).toEqual([undefined, undefined]);
    expect(reached).toEqual([10_000, 10_000]);
  });

  test('forgets who waits when it goes down', async () => {
    expect(await serverAt(9_750).ask(4)).toEqual([100, 200, undefined, undefined]);
  });

  test('begins with nothing to do when it is back', async () => {
    expect(await serverAt(20_000).ask(1)).toEqual([100]);
  });
});
