import type { ExitStatus, OwnedProcess } from '../process/owned-process.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { type Probe, untilReady } from './until-ready.js';

const never = new AbortController().signal;

function fakeProcess(): { process: OwnedProcess; end: () => void } {
  let status: ExitStatus | undefined;
  const process: OwnedProcess = {
    pid: 1,
    exited: new Promise(() => undefined),
    exitStatus: () => status,
    end: () => Promise.reject(new Error('not in this test')),
  };
  return {
    process,
    end: () => {
      status = { exitCode: 1, signal: null };
    },
  };
}

/** Fails that many times, then answers. */
function answersAfter(failures: number): Probe<string> & { asked: number } {
  const probe = Object.assign(
    () => {
      probe.asked++;
      return probe.asked > failures
        ? Promise.resolve('Redis 7')
        : Promise.reject(new Error(`not yet, ${probe.asked}`));
    },
    { asked: 0 },
  );
  return probe;
}

describe('waiting until a service is ready', () => {
  test('gives the version of the first answer, and asks no more', async () => {
    const clock = new VirtualClock();
    const probe = answersAfter(3);
    const readiness = untilReady(probe, 'here', [fakeProcess().process], clock, never);
    await clock.advance(60);
    expect(await readiness).toEqual({ ready: true, version: 'Redis 7' });
    expect(probe.asked).toBe(4);
  });

  test('gives up a probe that hangs, so that it can be made again', async () => {
    let given: AbortSignal | undefined;
    const told = new AbortController();
    const readiness = untilReady(
      (_: string, signal) => {
        given = signal;
        return new Promise<never>((__, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        });
      },
      'here',
      [fakeProcess().process],
      new VirtualClock(),
      told.signal,
    );
    expect(given).not.toBe(told.signal);
    told.abort(new Error('enough'));
    expect(await readiness).toMatchObject({ ready: false, lastError: told.signal.reason });
  });

  test('ends when one of the processes ends, with what was last seen and which it was', async () => {
    const clock = new VirtualClock();
    const [well, ill] = [fakeProcess(), fakeProcess()];
    const readiness = untilReady(answersAfter(1_000), 'here', [well.process, ill.process], clock, never);
    await clock.advance(0);
    ill.end();
    await clock.advance(60);
    expect(await readiness).toEqual({
      ready: false,
      lastError: new Error('not yet, 1'),
      ended: ill.process,
    });
  });

  test('asks nothing of a service whose process has ended already', async () => {
    const { process, end } = fakeProcess();
    end();
    const probe = answersAfter(0);
    const readiness = await untilReady(probe, 'here', [process], new VirtualClock(), never);
    expect(readiness).toMatchObject({ ready: false, ended: process });
    expect(probe.asked).toBe(0);
  });

  test('ends when its signal aborts, also between two questions', async () => {
    const clock = new VirtualClock();
    const told = new AbortController();
    const readiness = untilReady(answersAfter(1_000), 'here', [], clock, told.signal);
    await clock.advance(7);
    told.abort(new Error('30 s are over'));
    await clock.advance(0);
    const found = await readiness;
    expect(found).toMatchObject({ ready: false });
    expect(found).not.toHaveProperty('ended');
  });
});
