import { LaneBench } from '../../test/lane-bench.js';
import type { Inspector, Instruction } from './inspector.js';

const KiB = 1024;
const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const forward = (text: string): Instruction => ({ do: 'forward', bytes: bytesOf(text) });

describe('back-pressure', () => {
  test('the sender waits as long as the receiver does not take more', () => {
    const bench = new LaneBench();
    bench.isTaking = false;
    bench.receive('a');
    bench.receive('b');
    expect(bench.text).toBe('a');
    expect(bench.events).toEqual(['pause at 0']);
    bench.isTaking = true;
    bench.lane.drained();
    expect(bench.text).toBe('ab');
    expect(bench.events).toEqual(['pause at 0', 'resume at 0']);
  });

  test('the sender waits while a toxic holds back 1 MiB, and no sooner', () => {
    const bench = new LaneBench();
    const toxic = bench.add({ type: 'timeout', timeoutMs: 0 });
    const chunk = 'x'.repeat(64 * KiB);
    // The first chunk is under way, and not counted.
    for (let sent = 0; sent < 16; sent++) bench.receive(chunk);
    expect(bench.events).toEqual([]);
    bench.receive(chunk);
    expect(bench.events).toEqual(['pause at 0']);
    toxic.remove();
    expect(bench.events).toEqual(['pause at 0', 'resume at 0']);
    expect(bench.text).toHaveLength(17 * 64 * KiB);
  });

  test('a lane that is stopped takes everything and throws it away', () => {
    const bench = new LaneBench();
    bench.isTaking = false;
    bench.receive('a');
    bench.lane.stop();
    bench.receive('b'.repeat(2_000 * KiB));
    bench.lane.receiveEnd();
    expect(bench.text).toBe('a');
    expect(bench.events).toEqual(['pause at 0', 'resume at 0']);
    expect(bench.lane.receivedBytes).toBe(2_000 * KiB + 1);
  });
});

describe('toxics that come and go', () => {
  test('one that is added works on what an earlier one still holds back', () => {
    const bench = new LaneBench();
    const slow = bench.add({ type: 'bandwidth', bytesPerSecond: 10 });
    bench.receive('x'.repeat(100));
    bench.clock.advance(1_000);
    bench.add({ type: 'limit_data', afterBytes: 3 }, 2);
    slow.remove();
    expect(bench.text).toHaveLength(13);
    expect(bench.events).toEqual(['close by toxic at 1000']);
  });

  test('removing one leaves the wait of another as it is', () => {
    const bench = new LaneBench();
    const slicer = bench.add({ type: 'slicer', averageBytes: 1, delayMs: 1 });
    bench.add({ type: 'latency', latencyMs: 40 }, 2);
    bench.receive('ab');
    slicer.remove();
    bench.clock.advance(39);
    expect(bench.text).toBe('');
    bench.clock.advance(1);
    expect(bench.text).toBe('ab');
  });

  test('removed twice is removed once, also after the end', () => {
    const bench = new LaneBench();
    const toxic = bench.add({ type: 'latency', latencyMs: 5 });
    toxic.remove();
    toxic.remove();
    bench.lane.receiveEnd();
    toxic.remove();
    expect(bench.events).toEqual(['end at 0']);
  });
});

describe('a reset of the sender', () => {
  test('passes behind the bytes before it', () => {
    const bench = new LaneBench();
    bench.add({ type: 'latency', latencyMs: 5 });
    bench.receive('last words');
    bench.lane.receiveReset();
    bench.clock.advance(5);
    expect(bench.written).toEqual([{ text: 'last words', atMs: 5 }]);
    expect(bench.events).toEqual(['reset at 5']);
  });

  test('passes also after the end of its bytes', () => {
    const bench = new LaneBench();
    bench.lane.receiveEnd();
    bench.lane.receiveReset();
    expect(bench.events).toEqual(['end at 0', 'reset at 0']);
  });
});

describe('an inspector', () => {
  test('is shown all bytes before the toxics, and its instructions are followed one after the other', () => {
    const shown: string[] = [];
    const bench = benchWith(function* (text) {
      shown.push(text);
      yield forward('<');
      yield { do: 'wait', ms: 10 };
      yield { do: 'answer', bytes: bytesOf('psst') };
      yield forward('>');
    });
    bench.add({ type: 'latency', latencyMs: 1 });
    bench.receive('a');
    bench.receive('b');
    expect(bench.answers).toEqual([]);
    bench.clock.advance(11);
    expect(shown).toEqual(['a', 'b']);
    expect(bench.answers).toEqual(['psst']);
    expect(bench.written).toEqual([
      { text: '<', atMs: 1 },
      { text: '>', atMs: 11 },
      { text: '<', atMs: 11 },
    ]);
  });

  test('is not shown the next bytes before its instructions for the last ones are carried out', () => {
    const shown: string[] = [];
    const bench = benchWith(function* (text) {
      shown.push(text);
      yield { do: 'wait', ms: 10 };
    });
    bench.receive('a');
    bench.receive('b');
    expect(shown).toEqual(['a']);
    bench.clock.advance(10);
    expect(shown).toEqual(['a', 'b']);
  });

  test.each(['close', 'reset'] as const)('may %s the connection, behind what it has forwarded', (how) => {
    const bench = benchWith(function* () {
      yield forward('before');
      yield { do: how };
      yield forward('after');
    });
    bench.receive('x');
    bench.receive('y');
    expect(bench.text).toBe('before');
    expect(bench.events).toEqual([`${how} by trigger at 0`]);
  });

  test('may stall a direction, and then not even the end passes', () => {
    const bench = benchWith(function* () {
      yield forward('before');
      yield { do: 'stall' };
    });
    bench.receive('x');
    bench.lane.receiveEnd();
    bench.clock.advance(1_000_000);
    expect(bench.text).toBe('before');
    expect(bench.events).toEqual([]);
  });

  test('is told the end, and may forward what it has held back', () => {
    const bench = new LaneBench(7, {
      inspect: () => [],
      end: () => [forward('held back')],
    });
    bench.receive('x');
    bench.lane.receiveEnd();
    expect(bench.text).toBe('held back');
    expect(bench.events).toEqual(['end at 0']);
  });

  test('is not asked again once it is done', () => {
    const shown: string[] = [];
    const inspector = {
      isDone: false,
      *inspect(_direction: string, bytes: Uint8Array): Generator<Instruction> {
        shown.push(Buffer.from(bytes).toString());
        this.isDone = true;
        yield { do: 'forward', bytes };
      },
    };
    const bench = new LaneBench(7, inspector);
    for (const letter of 'abc') bench.receive(letter);
    expect(shown).toEqual(['a']);
    expect(bench.text).toBe('abc');
  });

  test('does not see the answers that come from the other direction', () => {
    const bench = benchWith(function* (text) {
      yield forward(text.toUpperCase());
    });
    bench.lane.receiveAnswer(bytesOf('answer '));
    bench.receive('bytes');
    expect(bench.text).toBe('answer BYTES');
  });
});

function benchWith(inspect: (text: string) => Iterable<Instruction>): LaneBench {
  const inspector: Inspector = {
    inspect: (_direction, bytes) => inspect(Buffer.from(bytes).toString('latin1')),
  };
  return new LaneBench(7, inspector);
}
