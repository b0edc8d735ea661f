import fc from 'fast-check';
import type { PolicyEvent } from '../events.js';
import { seededRandom } from '../testing/seeded-random.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { rateLimiter, type RateLimiterOptions } from './rate-limiter.js';

const perMinute = (options: Partial<RateLimiterOptions> = {}): RateLimiterOptions =>
  ({ requestsPerMinute: 10, burst: 10, ...options }) as RateLimiterOptions;

function open(options: RateLimiterOptions = perMinute()) {
  const clock = new VirtualClock();
  const limiter = rateLimiter(options, clock);
  const starts: number[] = [];
  const start = (signal?: AbortSignal) => limiter(() => Promise.resolve(starts.push(clock.nowMs())), signal);
  return { clock, limiter, starts, start };
}

describe('the rate limiter', () => {
  test('of 15 calls at 10 a minute, ten start at once and the others every six seconds, the last at 30.0 s', async () => {
    const { clock, starts, start } = open();
    await clock.run(Promise.all(Array.from({ length: 15 }, () => start())));
    expect(starts).toEqual([...Array<number>(10).fill(0), 6_000, 12_000, 18_000, 24_000, 30_000]);
  });

  test('a call that finds a token starts at once, in the same turn', () => {
    const { starts, start } = open();
    void start();
    expect(starts).toEqual([0]);
  });

  test('a rate that is no whole number of milliseconds does not drift in 7000 calls', async () => {
    const clock = new VirtualClock();
    const limiter = rateLimiter({ requestsPerSecond: 7, burst: 1 }, clock);
    let last = 0;
    for (let call = 0; call < 7_001; call++)
      await clock.run(limiter(() => Promise.resolve((last = clock.nowMs()))));
    expect(last).toBeCloseTo(1_000_000, 6);
  });

  test('an aborted waiter gives its place up at once and spends nothing: those behind it move up', async () => {
    const { clock, starts, start } = open(perMinute({ burst: 1 }));
    void start();
    const abort = new AbortController();
    const first = start(abort.signal);
    const second = start();
    await clock.advance(1_000);
    abort.abort('enough');
    await expect(first).rejects.toBe('enough');
    await clock.run(second);
    expect(starts).toEqual([0, 6_000]);
    expect(clock.sleeping).toBe(0);
  });

  test('weights: a heavy call waits for all its tokens, and nobody overtakes it', async () => {
    const clock = new VirtualClock();
    const limiter = rateLimiter({ requestsPerSecond: 1, burst: 5 }, clock);
    const starts: string[] = [];
    const call = (name: string, weight: number) =>
      limiter.for({ weight })(() => Promise.resolve(starts.push(`${name} at ${String(clock.nowMs())}`)));
    await clock.run(Promise.all([call('a', 4), call('b', 5), call('c', 1)]));
    expect(starts).toEqual(['a at 0', 'b at 4000', 'c at 5000']);
  });

  test('each key has tokens of its own; that without a key is one more', async () => {
    const clock = new VirtualClock();
    const limiter = rateLimiter({ requestsPerSecond: 1, burst: 1 }, clock);
    const starts: number[] = [];
    const call = () => Promise.resolve(starts.push(clock.nowMs()));
    await clock.run(
      Promise.all([
        limiter(call),
        limiter(call),
        limiter.for({ key: 'a' })(call),
        limiter.for({ key: 'b' })(call),
        limiter.for({ key: 'b' })(call),
      ]),
    );
    expect(starts).toEqual([0, 0, 0, 1_000, 1_000]);
  });

  test('idle keys are forgotten as others come, and what they had spent is not', async () => {
    const clock = new VirtualClock();
    const limiter = rateLimiter({ requestsPerSecond: 1, burst: 1, onLimit: 'reject' }, clock);
    const call = (key: string) => limiter.for({ key })(() => Promise.resolve(1));
    for (let key = 0; key < 1_000; key++) await call(`old ${String(key)}`);
    expect(limiter.rememberedKeys).toBe(1_000);
    await expect(call('old 0')).rejects.toMatchObject({ code: 'rate-limited' });
    await clock.advance(1_000);
    for (let use = 0; use < 1_001; use++) await call('new').catch(() => undefined);
    expect(limiter.rememberedKeys).toBe(1);
  });

  test('keys that are in use are kept, however many come and go beside them', async () => {
    const clock = new VirtualClock();
    const limiter = rateLimiter({ requestsPerSecond: 1, burst: 1, onLimit: 'reject' }, clock);
    const call = (key: string) => limiter.for({ key })(() => Promise.resolve(1));
    for (let round = 0; round < 50; round++) {
      await call('busy');
      await expect(call('busy')).rejects.toMatchObject({ code: 'rate-limited' });
      for (let key = 0; key < 20; key++) await call(`${String(round)} ${String(key)}`);
      await expect(call('busy')).rejects.toMatchObject({ code: 'rate-limited' });
      expect(limiter.rememberedKeys).toBeLessThanOrEqual(41);
      await clock.advance(1_000);
    }
  });

  test('with `reject`, who finds no token is told when to come again, and its call is not made', async () => {
    const { clock, start, starts } = open(perMinute({ burst: 1, onLimit: 'reject' }));
    await start();
    await clock.advance(1_500);
    await expect(start()).rejects.toMatchObject({
      code: 'rate-limited',
      kind: 'transient',
      effect: 'none',
      retryAfterMs: 4_500,
      message: 'no tokens for 4500 ms',
    });
    expect(starts).toEqual([0]);
  });

  test('a queue takes so many, and none that would have to wait for too long', async () => {
    const { clock, start, starts } = open(
      perMinute({ burst: 1, onLimit: { maxQueue: 2, maxWaitMs: 20_000 } }),
    );
    const admitted = [start(), start(), start()];
    await expect(start()).rejects.toMatchObject({
      code: 'queue-full',
      message: expect.stringContaining('maxQueue'),
    });
    await clock.run(Promise.all(admitted));
    expect(starts).toEqual([0, 6_000, 12_000]);

    const short = open(perMinute({ burst: 1, onLimit: { maxQueue: 9, maxWaitMs: 6_000 } }));
    const both = [short.start(), short.start()];
    await expect(short.start()).rejects.toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 6_000,
      message: 'the wait is 12000 ms, and may be 6000 ms (maxWaitMs)',
    });
    await short.clock.run(Promise.all(both));
  });

  test('who comes after a heavy call was served is not told to wait for that one too', async () => {
    const clock = new VirtualClock();
    const limiter = rateLimiter(
      { requestsPerSecond: 1, burst: 5, onLimit: { maxQueue: 9, maxWaitMs: 6_000 } },
      clock,
    );
    const call = (weight: number) => limiter.for({ weight })(() => Promise.resolve(clock.nowMs()));
    await call(5);
    expect(await clock.run(call(4))).toBe(4_000);
    expect(await clock.run(call(5))).toBe(9_000);
  });

  test('a pause lets nothing start, gives no tokens meanwhile, and sends away who would now wait for too long', async () => {
    const { clock, limiter, start, starts } = open(
      perMinute({ burst: 1, onLimit: { maxQueue: 9, maxWaitMs: 15_000 } }),
    );
    await start();
    const next = start();
    const late = start().catch((error: unknown) => error);
    await clock.advance(2_000);
    limiter.pause(5_000);
    await clock.advance(0);
    expect(await late).toMatchObject({ code: 'rate-limited' });
    await clock.run(next);
    expect(starts).toEqual([0, 11_000]);
  });

  test('a full bucket that is paused lets its burst start after the pause, not before', async () => {
    const { clock, limiter, start, starts } = open(perMinute({ burst: 2 }));
    limiter.pause(3_000);
    limiter.pause(1_000);
    await clock.run(Promise.all([start(), start(), start()]));
    expect(starts).toEqual([3_000, 3_000, 9_000]);
  });

  test('what a server asks for by its error pauses the key of the call, within bounds', async () => {
    const clock = new VirtualClock();
    const busy = Object.assign(new Error('429'), { afterMs: 30_000 });
    const events: PolicyEvent[] = [];
    const limiter = rateLimiter(
      {
        requestsPerSecond: 100,
        burst: 100,
        retryAfterMs: (error) => (error === busy ? busy.afterMs : undefined),
        maxPauseMs: 20_000,
      },
      clock,
    );
    const named = limiter.for({ key: 'host' }).named('api', (event) => events.push(event));
    await expect(named(() => Promise.reject(busy))).rejects.toBe(busy);
    expect(events).toContainEqual({ type: 'paused', forMs: 20_000 });
    let startedMs = -1;
    await clock.run(named(() => Promise.resolve((startedMs = clock.nowMs()))));
    expect(startedMs).toBe(20_000);
    expect(events).toContainEqual({ type: 'waited', by: 'rate-limiter', waitedMs: 20_000 });
    await limiter.for({ key: 'another host' })(() => Promise.resolve((startedMs = clock.nowMs())));
    expect(startedMs).toBe(20_000);
  });

  test('20 callers at once at 10 a second take 1.9 s, and the wait takes a token: the faults of its predecessor', async () => {
    const clock = new VirtualClock();
    const limiter = rateLimiter({ requestsPerSecond: 10, burst: 1 }, clock);
    await clock.run(Promise.all(Array.from({ length: 20 }, () => limiter(() => Promise.resolve()))));
    expect(clock.nowMs()).toBe(1_900);
  });

  test('any arrivals, weights and aborts: everyone starts when an ideal limiter would let it, in order', async () => {
    const cases = fc.record({
      seed: fc.integer(),
      tokens: fc.integer({ min: 1, max: 50 }),
      burst: fc.integer({ min: 1, max: 12 }),
      callers: fc.integer({ min: 1, max: 120 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, (drawn) => againstIdeal(drawn)),
      { numRuns: 60 },
    );
  });

  test('five thousand callers at once are served as by an ideal limiter', async () => {
    await againstIdeal({ seed: 7, tokens: 40, burst: 9, callers: 5_000 });
  });

  test.each([
    [{ requestsPerMinute: 0, burst: 1 }, 'requestsPerMinute is 0; it must be more than 0'],
    [{ requestsPerSecond: NaN, burst: 1 }, 'requestsPerSecond is NaN'],
    [{ requestsPerSecond: 1, requestsPerMinute: 1, burst: 1 }, 'not both'],
    [{ burst: 1 }, 'not none'],
    [{ requestsPerSecond: 1, burst: 0 }, 'burst is 0; it must be a whole number from 1'],
    [{ requestsPerSecond: 1, burst: 1.5 }, 'burst is 1.5'],
    [{ requestsPerSecond: 1, burst: 1, onLimit: { maxQueue: 0, maxWaitMs: 1 } }, 'onLimit.maxQueue is 0'],
    [{ requestsPerSecond: 1, burst: 1, onLimit: { maxQueue: 1, maxWaitMs: 0 } }, 'onLimit.maxWaitMs is 0'],
    [{ requestsPerSecond: 1, burst: 1, maxPauseMs: 0 }, 'maxPauseMs is 0'],
  ])('%j is refused', (options, message) => {
    expect(() => rateLimiter(options as RateLimiterOptions, new VirtualClock())).toThrow(RangeError);
    expect(() => rateLimiter(options as RateLimiterOptions, new VirtualClock())).toThrow(message);
  });

  test('a weight above the burst is refused: that call could never start', () => {
    const limiter = rateLimiter({ requestsPerSecond: 1, burst: 3 }, new VirtualClock());
    expect(() => limiter.for({ weight: 4 })).toThrow(
      new RangeError('weight is 4; it must be a whole number from 1 to 3'),
    );
  });
});

interface Caller {
  readonly arrivesMs: number;
  readonly weight: number;
  readonly abortsMs: number;
}

async function againstIdeal(drawn: {
  seed: number;
  tokens: number;
  burst: number;
  callers: number;
}): Promise<void> {
  const { tokens, burst } = drawn;
  const random = seededRandom(drawn.seed);
  const whole = (most: number): number => Math.floor(random() * most);
  const callers = Array.from({ length: drawn.callers }, (): Caller => {
    const arrivesMs = whole(20) === 0 ? whole(50) * 1_000 : whole(3_000);
    // Never in the moment in which somebody starts, so that what comes first is not a matter of taste.
    const abortsMs = whole(4) === 0 ? arrivesMs + whole(2_000) + 0.123_456_7 : Infinity;
    return { arrivesMs, weight: 1 + whole(burst), abortsMs };
  }).sort((a, b) => a.arrivesMs - b.arrivesMs);

  const clock = new VirtualClock();
  const limiter = rateLimiter({ requestsPerSecond: tokens, burst }, clock);
  const started = callers.map(() => Infinity);
  const order: number[] = [];
  const all = callers.map(async ({ arrivesMs, weight, abortsMs }, index) => {
    await clock.sleep(arrivesMs);
    const abort = new AbortController();
    if (abortsMs < Infinity)
      clock.schedule(abortsMs - arrivesMs, () => {
        abort.abort('enough');
      });
    await limiter
      .for({ weight })(() => {
        order.push(index);
        started[index] = clock.nowMs();
        return Promise.resolve();
      }, abort.signal)
      .catch((reason: unknown) => {
        expect(reason).toBe('enough');
      });
  });
  await clock.run(Promise.all(all));
  const ideal = idealStarts(callers, tokens, burst);
  expect(started.map((ms) => (ms === Infinity ? ms : Math.round(ms * 1_000)))).toEqual(
    ideal.map((ms) => (ms === Infinity ? ms : Math.round(ms * 1_000))),
  );
  expect(order).toEqual([...order].sort((a, b) => a - b));
}

/** By the definition: tokens trickle in up to the burst, and whoever is first in line starts when its tokens are there. */
function idealStarts(callers: readonly Caller[], tokensPerSecond: number, burst: number): number[] {
  const starts = callers.map(() => Infinity);
  let level = burst;
  let levelAtMs = 0;
  let firstInLineMs = 0;
  callers.forEach(({ arrivesMs, weight, abortsMs }, index) => {
    firstInLineMs = Math.max(firstInLineMs, arrivesMs);
    const levelThen = Math.min(burst, level + ((firstInLineMs - levelAtMs) * tokensPerSecond) / 1_000);
    const startMs = firstInLineMs + (Math.max(0, weight - levelThen) * 1_000) / tokensPerSecond;
    if (startMs > abortsMs) {
      firstInLineMs = Math.max(firstInLineMs, abortsMs);
      return; // nobody could pass it until then
    }
    starts[index] = startMs;
    level = Math.max(weight, levelThen) - weight;
    levelAtMs = startMs;
    firstInLineMs = startMs;
  });
  return starts;
}
