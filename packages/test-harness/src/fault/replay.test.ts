import fc from 'fast-check';
import { openClient, startServer, type TestServer } from '../../test/sockets.js';
import type { Address, ToxicLinkOptions } from './link-options.js';
import { readReplay, replayLineOf } from './replay-line.js';
import type { ScheduleEntry, TriggerFired } from './schedule.js';
import { type ToxicLink, toxicLink } from './toxic-link.js';
import type { FiredBefore } from './trigger/armed-trigger.js';

const size = 50_000;

/** What the client of a connection has got, and how it ended. */
interface Outcome {
  readonly bytes: number;
  readonly how: string;
}

/** A server that answers the first byte with `size` bytes and the end. */
function answering(): Promise<TestServer> {
  return startServer((client) => void client.once('data', () => client.end(Buffer.alloc(size))));
}

async function ask(link: Address, count: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let number = 1; number <= count; number++) {
    await using client = openClient(link);
    client.socket.write('?');
    const { text, how } = await client.over();
    outcomes.push({ bytes: text.length, how });
  }
  return outcomes;
}

/** Runs the same test twice: as it is, and with the line of the first run. */
async function twice(
  options: ToxicLinkOptions,
  test: (link: ToxicLink) => Promise<Outcome[]>,
): Promise<{ first: Outcome[]; second: Outcome[]; schedules: ScheduleEntry[][]; lines: string[] }> {
  await using server = await answering();
  const run = async (given: ToxicLinkOptions) => {
    await using link = await toxicLink(server, given);
    const outcomes = await test(link);
    await link.until(() => link.connections.length === 0);
    return { outcomes, line: link.replayLine, schedule: [...link.schedule] };
  };
  const first = await run(options);
  const second = await run({ ...options, replay: first.line });
  return {
    first: first.outcomes,
    second: second.outcomes,
    schedules: [first.schedule, second.schedule],
    lines: [first.line, second.line],
  };
}

describe('a replay', () => {
  test('makes the cuts of a script again', async () => {
    const script = [
      { type: 'down', connections: [1] },
      { type: 'limit_data', afterBytes: 12_345, connections: [2] },
      { type: 'reset_peer', afterBytes: 777, connections: [3] },
      { type: 'slicer', averageBytes: 1_000, variationBytes: 999, connections: { from: 4 } },
    ] as const;
    const { first, second, lines } = await twice({ seed: 3, script }, (link) => ask(link.endpoint, 4));
    expect(first).toEqual([
      { bytes: 0, how: 'ECONNRESET' },
      { bytes: 12_345, how: 'end' },
      { bytes: 777, how: 'ECONNRESET' },
      { bytes: size, how: 'end' },
    ]);
    expect(second).toEqual(first);
    expect(lines[1]).toBe(lines[0]);
  });

  test('makes again, at the same byte, what the first run did at some time', async () => {
    const { first, second, schedules } = await twice({}, async (link) => {
      await using client = openClient(link.endpoint);
      // Slow enough that the reset comes in the middle.
      link.add({ type: 'bandwidth', bytesPerSecond: 100_000 });
      client.socket.write('?');
      await client.bytes(1);
      link.add({ type: 'reset_peer', afterMs: 50 });
      const { text, how } = await client.over();
      return [{ bytes: text.length, how }];
    });
    expect(first[0]?.bytes).toBeGreaterThan(0);
    expect(first[0]?.bytes).toBeLessThan(size);
    const [cut] = schedules[0]!.filter(({ did }) => did === 'reset');
    expect(cut).toMatchObject({ connection: 1, by: 'toxic', atByte: { upstream: 1 } });
    expect(schedules[1]!.filter(({ did }) => did === 'reset')).toEqual([{ ...cut, by: 'replay' }]);
    expect(second[0]?.bytes).toBe(cut?.did === 'reset' && cut.atByte.downstream);
  });

  test('makes again what the test did to a connection, and the test does nothing to it itself', async () => {
    const { first, second, lines } = await twice({}, async (link) => {
      await using client = openClient(link.endpoint);
      link.add({ type: 'limit_data', afterBytes: 700 });
      link.add({ type: 'slicer', averageBytes: 500 });
      link.add({ type: 'timeout', timeoutMs: 0 });
      client.socket.write('?');
      const isCut = () => link.schedule.some(({ did }) => did === 'reset');
      await link.until(() => link.connections[0]?.upstream.passedBytes === 1 || isCut());
      link.connections[0]?.reset();
      return [{ bytes: 0, how: (await client.over()).how }];
    });
    expect(first).toEqual([{ bytes: 0, how: 'ECONNRESET' }]);
    expect(second).toEqual(first);
    expect(lines[1]).toBe(lines[0]);
  });

  test('lets nothing happen that is not in it', async () => {
    await using server = await answering();
    const replay = '{"seed":1,"toxics":{},"work":[],"cuts":[]}';
    await using link = await toxicLink(server, { script: [{ type: 'down' }], replay });
    await using client = openClient(link.endpoint);
    await link.until(() => link.connections.length === 1);
    link.add({ type: 'reset_peer' });
    link.connections[0]?.reset();
    client.socket.write('?');
    expect(await client.over()).toMatchObject({ how: 'end' });
    expect(link.schedule).toEqual([]);
  });
});

describe('the line', () => {
  const byte = fc.nat(Number.MAX_SAFE_INTEGER);
  const number = fc.integer({ min: 1, max: 1_000 });
  const direction = fc.constantFrom('upstream' as const, 'downstream' as const);
  const options = direction.map((way) => ({ type: 'latency' as const, latencyMs: 0.5, direction: way }));
  const work = fc
    .record({
      connection: number,
      toxic: number,
      options,
      fromByte: byte,
      more: fc.option(byte, { nil: undefined }),
    })
    .map(({ more, ...entry }): ScheduleEntry => {
      const end =
        more === undefined ? {} : { untilByte: Math.min(entry.fromByte + more, Number.MAX_SAFE_INTEGER) };
      return { did: 'work', ...entry, direction: entry.options.direction, ...end };
    });
  const cut = fc.record({
    did: fc.constantFrom('close' as const, 'reset' as const, 'refuse' as const),
    connection: number,
    by: fc.constant('replay' as const),
    atByte: fc.record({ upstream: byte, downstream: byte }),
  });

  const fired = fc.record({ trigger: number, connection: number, nthOfConnection: number });
  /** What else a firing says is not needed to do it again. */
  const shown: Omit<TriggerFired, keyof FiredBefore> = {
    did: 'fire',
    direction: 'upstream',
    atByte: 0,
    match: { protocol: 'redis', command: 'GET' },
    action: { do: 'reset', at: 'before' },
  };

  test('is one, without apostrophes, and says all there is to do again', () => {
    const distinct = { selector: (entry: ScheduleEntry) => (entry.did === 'work' ? entry.toxic : 0) };
    fc.assert(
      fc.property(
        byte,
        fc.uniqueArray(work, distinct),
        fc.array(cut),
        fc.array(fired),
        (seed, works, cuts, firings) => {
          const entries = [...works, ...cuts];
          const line = replayLineOf({
            seed,
            entries: [...entries, ...firings.map((each) => ({ ...shown, ...each }))],
          });
          expect(line).not.toMatch(/['\n]/);
          expect(readReplay(line)).toEqual({ seed, entries, fired: firings });
        },
      ),
    );
  });

  test.each([
    ['', 'Unexpected end of JSON input'],
    ['{"seed":7', 'JSON'],
    ['[]', 'the JSON'],

    ['{"seed":-1,"toxics":{},"work":[],"cuts":[]}', 'a number, -1'],
    ['{"seed":7,"toxics":{},"work":7,"cuts":[]}', 'work'],

    ['{"seed":7,"toxics":{},"work":[],"cuts":[[1,"explode",0,0]]}', 'a cut'],
  ])('%s is refused', (line, why) => {
    expect(() => readReplay(line)).toThrow('[invalid-option] replay');
    expect(() => readReplay(line)).toThrow(why);
  });
});
