import { type Checkpoint, ConnectorError, type Row, rowsOf } from '@sqlflow/connector-contract';
import { pause } from '../../deadline.js';
import { toxicLink, type ToxicLink } from '../../fault/toxic-link.js';
import type { ToxicOptions } from '../../fault/toxic/kinds.js';
import { evidenceOf, NonConformance, type Requirement } from '../requirement.js';
import { compareRows, requireRows } from '../rows-compare.js';
import { seededRandom, type SeededRandom } from '../seeded-random.js';
import { cursorStream } from './cursor-requirements.js';
import { from, readIncrementally } from './incremental-read.js';
import { methodOf, type SourceBench, streamsOf } from './source-bench.js';
import type { Address, StreamSpec } from './source-fixture.js';

const stream: StreamSpec = {
  name: 'event',
  columns: [...cursorStream('event', 'int64').columns, { name: 'body', kind: 'text' }],
  key: ['id'],
};
/** Some 300 KB on the wire. */
const rows: readonly Row[] = Array.from({ length: 2000 }, (_, index) => ({
  id: BigInt(index),
  cursor: BigInt(Math.floor(index / 3)),
  body: `${String(index)} `.repeat(20),
}));
const batchRows = 100;

/** What ends a connection, from somewhere between its first byte and its last. */
type Break = (afterBytes: number, random: SeededRandom) => ToxicOptions;

const breaks: Readonly<Record<string, Break>> = {
  reset_peer: (afterBytes) => ({ type: 'reset_peer', afterBytes }),
  limit_data: (afterBytes) => ({ type: 'limit_data', afterBytes }),
  // A stall that the other side ends: what never ends is for `abort-while-stalled`.
  timeout: (_, random) => ({ type: 'timeout', timeoutMs: random.integer(1, 60) }),
  down: () => ({ type: 'down' }),
};
const pointsOfEach = 6;

const slowLinks: Requirement<SourceBench> = {
  title: 'through a link that is slow, narrow, cuts bytes into slices or closes late, every row comes once',
  answers: [],
  timeoutMs: 120_000,
  check: async (bench) => {
    await fill(bench);
    const random = seededRandom(bench.seed);
    const toxics: readonly ToxicOptions[] = [
      { type: 'latency', latencyMs: random.integer(5, 40), jitterMs: 5 },
      { type: 'latency', latencyMs: random.integer(5, 40), direction: 'upstream' },
      { type: 'bandwidth', bytesPerSecond: random.integer(400_000, 2_000_000) },
      { type: 'slicer', averageBytes: random.integer(2, 60), variationBytes: 1 },
      { type: 'slow_close', delayMs: random.integer(20, 100) },
    ];
    for (const toxic of toxics) {
      await using link = await linkTo(bench, [toxic]);
      const outcome = await readThrough(bench, link);
      if (outcome.error !== undefined)
        throw broken(link, `through ${JSON.stringify(toxic)}: ${evidenceOf(outcome.error)}`);
      requireRows(outcome.rows, rows, `through ${JSON.stringify(toxic)}`);
    }
    return toxics.map((toxic) => JSON.stringify(toxic)).join(', ');
  },
};

const brokenLinks: Requirement<SourceBench> = {
  title:
    'a full read whose connection breaks gives all rows once, or a transient error, and never an end too soon',
  answers: [],
  timeoutMs: 120_000,
  check: async (bench) => {
    await fill(bench);
    const random = seededRandom(bench.seed);
    const size = await sizeOfRead(bench);
    let [failed, whole] = [0, 0];
    for (const [type, breakOf] of Object.entries(breaks)) {
      for (const point of points(size, random)) {
        await using link = await linkTo(bench, [breakOf(point, random)]);
        const outcome = await readThrough(bench, link);
        judge(link, outcome, `a read cut by ${type} after ${String(point)} of ${String(size)} bytes`);
        if (outcome.error === undefined) whole += 1;
        else failed += 1;
      }
    }
    return `${String(failed)} reads failed, ${String(whole)} gave all rows`;
  },
};

const protocolFaults: Requirement<SourceBench> = {
  title:
    'a read that is disturbed between the messages of its protocol gives all rows once, or a transient error',
  answers: [],
  timeoutMs: 120_000,
  check: async (bench) => {
    await fill(bench);
    const { fixture, seed } = bench;
    if (fixture.faults === undefined) throw new NonConformance('the fixture knows no faults of the protocol');
    let fired = 0;
    for (const { what, set } of fixture.faults(seededRandom(seed))) {
      await using link = await linkTo(bench, []);
      const trigger = set(link);
      const outcome = await readThrough(bench, link);
      fired += trigger.fired;
      judge(link, outcome, `a read with ${what}`);
    }
    if (fired === 0) throw new NonConformance('none of the faults found its message');
    return `${String(fired)} faults`;
  },
};

const resumedReads: Requirement<SourceBench> = {
  title: 'incremental reads through links that break again and again give each row once in the end',
  answers: ['airbyte#72936', 'airbyte#11661'],
  timeoutMs: 120_000,
  check: async (bench) => {
    await fill(bench);
    const random = seededRandom(bench.seed);
    const size = await sizeOfRead(bench);
    let failures = 0;
    for (const [type, breakOf] of Object.entries(breaks)) {
      // Each connection breaks elsewhere, and after ten all is well.
      const script = Array.from({ length: 10 }, (_, index) => ({
        ...breakOf(random.integer(0, size), random),
        connections: [index + 1],
      }));
      await using link = await linkTo(bench, script);
      const given: Row[] = [];
      let checkpoint: Checkpoint | undefined;
      for (let reads = 1, isDone = false; !isDone; reads += 1) {
        if (reads > 100) throw broken(link, `after 100 reads cut by ${type} there is no end`);
        isDone = await readIncrementally(bench.open(link.endpoint), stream, {
          ...from(checkpoint),
          cursorField: 'cursor',
          batchRows,
          signal: bench.signal,
          onBatch: (some, at) => {
            given.push(...some);
            checkpoint = at;
          },
        }).then(
          () => true,
          (error: unknown) => {
            if (error instanceof NonConformance) throw error;
            if (!isTransientError(error))
              throw broken(link, `a read cut by ${type} gives ${evidenceOf(error)}`);
            failures += 1;
            return false;
          },
        );
      }
      const { lost, repeated, strange } = compareRows(given, rows);
      if (lost.length + repeated.length + strange.length > 0) {
        const found = `${String(lost.length)} rows lost and ${String(repeated.length)} repeated`;
        throw broken(link, `in reads cut by ${type}: ${found}`);
      }
    }
    return `${String(failures)} reads were cut and gone on with`;
  },
};

/** A source may wait for the server to say that all has ended, though not for long. */
const abortedWithinMs = 7_000;

const stalledLinks: Requirement<SourceBench> = {
  title: 'an abort ends a read whose server has stopped to answer',
  answers: ['microsoft/aspire#13714', 'aws-sdk-js-v3#3560'],
  check: async (bench) => {
    await streamsOf(bench).createLarge('large', 200_000);
    await using link = await linkTo(bench, []);
    const aborted = new AbortController();
    const reason = new Error('the reason of the abort');
    const read = (async () => {
      const options = { batchRows: 100, signal: aborted.signal };
      const batches = methodOf(bench.open(link.endpoint), 'read')({ name: 'large' }, options);
      for await (const batch of batches) {
        if (batch.numRows > 0) link.add({ type: 'timeout', timeoutMs: 0 });
      }
    })().then(
      () => new NonConformance('all rows, through a link that passes none'),
      (error: unknown) => error,
    );
    // The rows that were on their way are read first.
    await Promise.race([read, link.until(() => link.connections.length > 0, bench.signal)]);
    await pause(200, bench.signal);
    aborted.abort(reason);
    const ended = new AbortController();
    const waited = pause(abortedWithinMs, AbortSignal.any([bench.signal, ended.signal])).then(
      () => new NonConformance(`nothing, for ${String(abortedWithinMs)} ms`),
    );
    const outcome = await Promise.race([read, waited]);
    ended.abort();
    if (outcome !== reason)
      throw new NonConformance(`an abort of a stalled read gives ${evidenceOf(outcome)}`);
    return 'the reason of the abort is thrown';
  },
};

async function fill(bench: SourceBench): Promise<void> {
  const streams = streamsOf(bench);
  await streams.create(stream);
  await streams.insert(stream.name, rows);
}

function linkTo(
  { fixture, seed }: SourceBench,
  script: readonly ToxicOptions[],
): Promise<ToxicLink<Address>> {
  return toxicLink(fixture.endpoint, { seed, script });
}

function broken(link: ToxicLink, message: string): NonConformance {
  return new NonConformance(
    `${message}; toxicLink(endpoint, { replay: '${link.replayLine}' }) does it again`,
  );
}

interface Outcome {
  readonly rows: readonly Row[];
  readonly error: unknown;
}

/** @throws NonConformance unless all rows came, or some of them and then a transient error. */
function judge(link: ToxicLink, { rows: given, error }: Outcome, doing: string): void {
  const { lost, repeated, strange } = compareRows(given, rows);
  if (repeated.length + strange.length > 0)
    throw broken(link, `${doing} repeats ${String(repeated.length)} rows`);
  if (error === undefined && lost.length > 0) {
    throw broken(link, `${doing} ends as if it were complete, ${String(lost.length)} rows too soon`);
  }
  if (error !== undefined && !isTransientError(error)) {
    throw broken(link, `${doing} gives ${evidenceOf(error)}, which is not called transient`);
  }
}

async function readThrough(bench: SourceBench, link: ToxicLink<Address>): Promise<Outcome> {
  const given: Row[] = [];
  const source = bench.open(link.endpoint);
  try {
    for await (const batch of methodOf(source, 'read')(stream, { batchRows, signal: bench.signal })) {
      given.push(...rowsOf(batch));
    }
    return { rows: given, error: undefined };
  } catch (error) {
    bench.signal.throwIfAborted();
    return { rows: given, error };
  }
}

/** How many bytes come from the server in a read that nothing disturbs. */
async function sizeOfRead(bench: SourceBench): Promise<number> {
  await using link = await linkTo(bench, []);
  let bytes = 0;
  const connections = new Set<ToxicLink['connections'][number]>();
  const source = bench.open(link.endpoint);
  for await (const batch of methodOf(source, 'read')(stream, { batchRows, signal: bench.signal })) {
    if (batch.numRows > 0) for (const connection of link.connections) connections.add(connection);
  }
  for (const { downstream } of connections) bytes += downstream.passedBytes;
  return bytes;
}

function points(size: number, random: SeededRandom): number[] {
  const within = Array.from({ length: pointsOfEach }, () => random.integer(0, size));
  return [0, 1, size - 1, ...within];
}

function isTransientError(error: unknown): boolean {
  return error instanceof ConnectorError && error.kind === 'transient';
}

export const faultRequirements = {
  'slow-links': slowLinks,
  'broken-links': brokenLinks,
  'disturbed-protocol': protocolFaults,
  'resumed-reads': resumedReads,
  'abort-while-stalled': stalledLinks,
} as const;
