import { compose, type Parts } from './compose.js';
import { databasePreset, type ErrorClassification, httpApiPreset, objectStorePreset } from './presets.js';
import { seededRandom } from './testing/seeded-random.js';
import { VirtualClock } from './testing/virtual-clock.js';

const down = Object.assign(new Error('down'), { code: 'ECONNRESET' });
const wrong = new Error('syntax error');
const isTransient = (error: unknown): boolean => error === down;

function open(preset: (errors: ErrorClassification, clock: VirtualClock) => Parts) {
  const clock = new VirtualClock();
  return { clock, policy: compose(preset({ isTransient }, clock)) };
}

const presets = {
  database: () => open((errors, clock) => databasePreset(errors, clock, seededRandom(1))),
  'object store': () => open((errors, clock) => objectStorePreset(errors, clock, seededRandom(1))),
  'HTTP API': () =>
    open((errors, clock) => httpApiPreset({ ...errors, requestsPerMinute: 600 }, clock, seededRandom(1))),
};

describe.each(Object.entries(presets))('the preset for a %s', (_name, make) => {
  test('makes a call again that failed with a transient error, and no other', async () => {
    const { clock, policy } = make();
    const calls: number[] = [];
    const call =
      (error: Error) =>
      async ({ number }: { number: number }) => {
        calls.push(number);
        if (number === 1) throw error;
      };
    await clock.run(policy(call(down)));
    await expect(clock.run(policy(call(wrong)))).rejects.toBe(wrong);
    expect(calls).toEqual([1, 2, 1]);
  });

  test('in an outage stops asking, and asks again once it is over', async () => {
    const { clock, policy } = make();
    let asked = 0;
    const call = (): Promise<void> => {
      asked++;
      return clock.nowMs() < 120_000 ? Promise.reject(down) : Promise.resolve();
    };
    for (let second = 0; second < 120; second++) {
      void policy(call).catch(() => undefined);
      await clock.advance(1_000);
    }
    expect(asked).toBeLessThan(120);
    let outcome = '';
    for (let second = 0; second < 70 && outcome !== 'done'; second++) {
      policy(call).then(
        () => (outcome = 'done'),
        () => undefined,
      );
      await clock.advance(1_000);
    }
    expect(outcome).toBe('done');
  });
});

test('an API that asks to be left alone is left alone by all calls, and its limit is kept', async () => {
  const clock = new VirtualClock();
  const busy = Object.assign(new Error('429'), { afterMs: 20_000 });
  const preset = httpApiPreset(
    {
      isTransient: (error) => error === busy,
      isFailure: () => false,
      retryAfterMs: (error) => (error === busy ? busy.afterMs : undefined),
      requestsPerMinute: 60,
      burst: 2,
    },
    clock,
    seededRandom(1),
  );
  const policy = compose(preset);
  const started: number[] = [];
  const call = ({ number }: { number: number }): Promise<void> => {
    started.push(clock.nowMs());
    return started.length === 1 && number === 1 ? Promise.reject(busy) : Promise.resolve();
  };
  await clock.run(Promise.all([policy(call), clock.sleep(1_000).then(() => policy(call))]));
  expect(started[0]).toBe(0);
  expect(started.slice(1).every((ms) => ms >= 20_000)).toBe(true);
});

test('an attempt on an object store that takes too long is made again', async () => {
  const { clock, policy } = presets['object store']();
  const result = await clock.run(
    policy(async ({ number, signal }) => {
      if (number === 1) await clock.sleep(60_000, signal);
      return number;
    }),
  );
  expect(result).toBe(2);
  expect(clock.nowMs()).toBeLessThan(31_000);
});
