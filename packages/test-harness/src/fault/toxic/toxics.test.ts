import fc from 'fast-check';
import { LaneBench } from '../../../test/lane-bench.js';
import { randomAt } from '../random-at.js';
import { openToxic, type ToxicOptions } from './kinds.js';

describe('latency', () => {
  test('delays the bytes and the end by the same time, from their arrival', () => {
    const bench = new LaneBench();
    bench.add({ type: 'latency', latencyMs: 50 });
    bench.receive('a');
    bench.clock.advance(20);
    bench.receive('b');
    bench.lane.receiveEnd();
    bench.clock.advance(100);
    expect(bench.written).toEqual([
      { text: 'a', atMs: 50 },
      { text: 'b', atMs: 70 },
    ]);
    expect(bench.events).toEqual(['end at 70']);
  });

  test('jitter spreads over the whole range and never changes the order', () => {
    const bench = new LaneBench();
    bench.add({ type: 'latency', latencyMs: 50, jitterMs: 20 });
    const delays: number[] = [];
    for (let sent = 0; sent < 500; sent++) {
      const sentMs = bench.nowMs;
      bench.receive(String.fromCharCode(sent % 256));
      bench.clock.advance(100);
      delays.push((bench.written.at(-1)?.atMs ?? NaN) - sentMs);
    }
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(30);
    expect(Math.min(...delays)).toBeLessThan(32);
    expect(Math.max(...delays)).toBeLessThanOrEqual(70);
    expect(Math.max(...delays)).toBeGreaterThan(68);
    const burst = new LaneBench();
    burst.add({ type: 'latency', latencyMs: 50, jitterMs: 50 });
    for (const letter of 'abcdefgh') burst.receive(letter);
    burst.clock.advance(100);
    expect(burst.text).toBe('abcdefgh');
  });

  test('a jitter greater than the latency is never less than no delay', () => {
    const bench = new LaneBench();
    bench.add({ type: 'latency', latencyMs: 1, jitterMs: 1_000 });
    for (let sent = 0; sent < 50; sent++) bench.receive('x');
    bench.clock.advance(1_001);
    expect(bench.text).toHaveLength(50);
  });
});

describe('bandwidth', () => {
  test('a byte arrives when all before it have been sent at this speed', () => {
    const bench = new LaneBench();
    bench.add({ type: 'bandwidth', bytesPerSecond: 1_000 });
    bench.receive('x'.repeat(2_000));
    bench.clock.advance(500);
    expect(bench.text).toHaveLength(500);
    bench.clock.advance(1_500);
    expect(bench.text).toHaveLength(2_000);
  });

  test('idle time is not saved up', () => {
    const bench = new LaneBench();
    bench.add({ type: 'bandwidth', bytesPerSecond: 1_000 });
    bench.clock.advance(60_000);
    bench.receive('x'.repeat(1_000));
    bench.clock.advance(500);
    expect(bench.text).toHaveLength(500);
  });

  test('is one byte a second at the least', () => {
    const bench = new LaneBench();
    bench.add({ type: 'bandwidth', bytesPerSecond: 1 });
    bench.receive('abc');
    bench.clock.advance(2_000);
    expect(bench.text).toBe('ab');
  });

  test('lets what is held pass at once when it is removed', () => {
    const bench = new LaneBench();
    const toxic = bench.add({ type: 'bandwidth', bytesPerSecond: 1 });
    bench.receive('x'.repeat(70_000));
    bench.clock.advance(3_000);
    toxic.remove();
    expect(bench.text).toHaveLength(70_000);
  });
});

describe('slicer', () => {
  test('waits after each slice', () => {
    const bench = new LaneBench();
    bench.add({ type: 'slicer', averageBytes: 2, delayMs: 10 });
    bench.receive('abcde');
    bench.clock.advance(20);
    expect(bench.written).toEqual([
      { text: 'ab', atMs: 0 },
      { text: 'cd', atMs: 10 },
      { text: 'e', atMs: 20 },
    ]);
  });

  test('slices have every size from the least to the greatest, and no other', () => {
    const cuts = [0, ...cutsOf({ type: 'slicer', averageBytes: 5, variationBytes: 3, delayMs: 1 }, [5_000])];
    const sizes = cuts.slice(1).map((cut, index) => cut - (cuts[index] ?? 0));
    expect([...new Set(sizes)].sort()).toEqual([2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('timeout', () => {
  test('lets nothing pass, not even the end, until it is removed', () => {
    const bench = new LaneBench();
    bench.receive('before ');
    const toxic = bench.add({ type: 'timeout', timeoutMs: 0 });
    bench.receive('after');
    bench.lane.receiveEnd();
    bench.clock.advance(1_000_000);
    expect(bench.text).toBe('before ');
    expect(bench.events).toEqual([]);
    toxic.remove();
    expect(bench.text).toBe('before after');
    expect(bench.events).toEqual(['end at 1000000']);
  });

  test('holds back an end that comes without bytes', () => {
    const bench = new LaneBench();
    const toxic = bench.add({ type: 'timeout', timeoutMs: 0 });
    bench.lane.receiveEnd();
    expect(bench.events).toEqual([]);
    toxic.remove();
    expect(bench.events).toEqual(['end at 0']);
  });
});

test('slow_close delays the end and nothing else', () => {
  const bench = new LaneBench();
  bench.add({ type: 'slow_close', delayMs: 30 });
  bench.receive('all');
  bench.lane.receiveEnd();
  bench.clock.advance(100);
  expect(bench.written).toEqual([{ text: 'all', atMs: 0 }]);
  expect(bench.events).toEqual(['end at 30']);
});

describe.each([
  ['limit_data', 'close'],
  ['reset_peer', 'reset'],
] as const)('%s', (type, how) => {
  test('exactly so many bytes pass, however they arrive, and then it happens at once', () => {
    fc.assert(
      fc.property(chunks, fc.nat(300), (sizes, afterBytes) => {
        const bench = new LaneBench();
        bench.add({ type, afterBytes });
        const sent = send(bench, sizes);
        expect(bench.text).toBe(sent.slice(0, afterBytes));
        const isCut = sent.length >= afterBytes && sent.length > 0;
        expect(bench.events).toEqual(isCut ? [`${how} by toxic at 0`] : []);
      }),
    );
  });

  test('happens when the last byte that may pass does, without waiting for another', () => {
    const bench = new LaneBench();
    bench.add({ type, afterBytes: 5 });
    bench.receive('12345');
    expect(bench.events).toEqual([`${how} by toxic at 0`]);
  });

  test('counts from where it begins to work', () => {
    const bench = new LaneBench();
    bench.receive('12345');
    bench.add({ type, afterBytes: 3 });
    bench.receive('67890');
    expect(bench.text).toBe('12345678');
  });
});

describe('what the seed decides', () => {
  const kinds: readonly ToxicOptions[] = [
    { type: 'slicer', averageBytes: 9, variationBytes: 8, delayMs: 3 },
    { type: 'slicer', averageBytes: 1, delayMs: 1 },
  ];

  test('is the same cuts, however the bytes arrive', () => {
    fc.assert(
      fc.property(chunks, fc.constantFrom(...kinds), fc.nat(), (sizes, options, seed) => {
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(cutsOf(options, sizes, seed)).toEqual(cutsOf(options, [total], seed));
      }),
    );
  });

  test('holds for every way to cut a short stream in two, three and single bytes', () => {
    const whole = cutsOf(kinds[0]!, [40]);
    expect(whole.length).toBeGreaterThan(2);
    for (let first = 0; first <= 40; first++) {
      for (let second = first; second <= 40; second++) {
        expect(cutsOf(kinds[0]!, [first, second - first, 40 - second])).toEqual(whole);
      }
    }
    expect(cutsOf(kinds[0]!, new Array<number>(40).fill(1))).toEqual(whole);
  });

  test('differs from seed to seed', () => {
    expect(cutsOf(kinds[0]!, [400], 1)).not.toEqual(cutsOf(kinds[0]!, [400], 2));
  });
});

test('several toxics lose nothing and keep the order, wherever one of them is removed', () => {
  const toxics: readonly ToxicOptions[] = [
    { type: 'latency', latencyMs: 5, jitterMs: 5 },
    { type: 'slicer', averageBytes: 7, variationBytes: 6, delayMs: 1 },
    { type: 'bandwidth', bytesPerSecond: 3_000 },
    { type: 'timeout', timeoutMs: 0 },
    { type: 'slow_close', delayMs: 4 },
  ];
  fc.assert(
    fc.property(
      chunks,
      fc.shuffledSubarray(toxics.map((options, index) => ({ options, removedMs: 3 + 4 * index }))),
      (sizes, chosen) => {
        const bench = new LaneBench();
        const added = chosen.map(({ options, removedMs }, index) => ({
          removedMs,
          toxic: bench.add(options, index + 1),
        }));
        let sent = '';
        for (const [index, size] of sizes.entries()) {
          sent += send(bench, [size]);
          bench.clock.advance(1);
          for (const { removedMs, toxic } of added) if (removedMs === index) toxic.remove();
        }
        bench.lane.receiveEnd();
        for (const { toxic } of added) toxic.remove();
        expect(bench.text).toBe(sent);
        expect(bench.events.filter((event) => event.startsWith('end'))).toHaveLength(1);
        expect(bench.clock.pending).toBe(0);
      },
    ),
  );
});

/** Sizes of the chunks in which a stream arrives. */
const chunks = fc.array(fc.nat(60), { maxLength: 20 });

/** Where a toxic begins to wait, by the byte. */
function cutsOf(options: ToxicOptions, sizes: readonly number[], seed = 3): number[] {
  const stream = openToxic(options, { random: randomAt(seed, 1, 1, 1), from: 0 });
  const cuts: number[] = [];
  let arrived = 0;
  let passed = 0;
  for (const size of sizes) {
    for (const step of stream.pass(new Uint8Array(size), arrived, 0)) {
      if (step.do === 'forward') passed += step.bytes.length;
      else cuts.push(passed);
    }
    arrived += size;
    expect(passed).toBe(arrived);
  }
  return cuts;
}

/** Sends bytes that can be told apart. */
function send(bench: LaneBench, sizes: readonly number[]): string {
  let sent = '';
  for (const size of sizes) {
    let chunk = '';
    for (let at = 0; at < size; at++) chunk += String.fromCharCode((sent.length + at) % 251);
    if (size > 0) bench.receive(chunk);
    sent += chunk;
  }
  return sent;
}
