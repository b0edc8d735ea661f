import { inspect } from 'node:util';
import { pause } from '../../deadline.js';
import { toxicLink } from '../../fault/toxic-link.js';
import { NonConformance, type Requirement } from '../requirement.js';
import { untilIdle } from '../until-idle.js';
import { methodOf, readRows, type SourceBench, streamsOf } from './source-bench.js';
import { inSourceProcess } from './source-process.js';

const MiB = 2 ** 20;
const lookMs = 20;
/** Rows of some 260 bytes each: 25 MiB and 250 MiB. */
const fewRows = 100_000;
const manyRows = 1_000_000;
/** What is collected later in a longer run, for a source that holds two batches of 65,536 such rows: 30 to 60 MiB. */
const growthBytes = 100 * MiB;

const large = { name: 'large' };

const flatMemory: Requirement<SourceBench> = {
  title: 'memory does not grow with the stream',
  answers: ['airbyte#69336', 'airbyte#21406', 'airbyte#70921', 'airbyte#11715'],
  timeoutMs: 120_000,
  check: async (bench) => {
    await streamsOf(bench).createLarge('few', fewRows);
    await streamsOf(bench).createLarge('many', manyRows);
    const read = (stream: string) =>
      inSourceProcess(bench, (run) => run({ task: 'read', endpoint: bench.fixture.endpoint, stream }));
    const [few, many] = [await read('few'), await read('many')];
    if (few.rows !== fewRows || many.rows !== manyRows) {
      throw new NonConformance(`${few.rows} and ${many.rows} rows of ${fewRows} and ${manyRows} came`);
    }
    const said = `${mebibytes(few.peakBytes)} at most for ${fewRows} rows, ${mebibytes(many.peakBytes)} for ${manyRows}`;
    if (many.peakBytes - few.peakBytes > growthBytes) throw new NonConformance(`memory grows: ${said}`);
    return said;
  },
};

function mebibytes(bytes: number): string {
  return `${(bytes / MiB).toFixed(0)} MiB`;
}

/** What the sockets on the way hold, and a source that is some batches ahead: 8 to 15 MiB, measured. */
const aheadBytes = 48 * MiB;
/** How long nothing must come for it to be said that nothing comes any more. */
const patienceMs = 1_000;

const backPressure: Requirement<SourceBench> = {
  title: 'nothing is fetched much faster than it is consumed',
  answers: ['airbyte#21406', 'airbyte#70921'],
  check: async (bench) => {
    await streamsOf(bench).createLarge('large', manyRows);
    await using link = await toxicLink(bench.fixture.endpoint, { seed: bench.seed });
    const passed = () => link.connections.reduce((sum, { downstream }) => sum + downstream.passedBytes, 0);
    let bytes = 0;
    for await (const batch of methodOf(bench.open(link.endpoint), 'read')(large, { batchRows: 1000 })) {
      if (batch.numRows === 0) continue;
      for (let quietMs = 0; quietMs < patienceMs && bytes <= aheadBytes; quietMs += lookMs) {
        await pause(lookMs, bench.signal);
        if (passed() > bytes) quietMs = 0;
        bytes = passed();
      }
      break;
    }
    const said = `${mebibytes(bytes)} came while the first of 250 MiB were looked at`;
    if (bytes > aheadBytes) throw new NonConformance(said);
    return said;
  },
};

const ending: Requirement<SourceBench> = {
  title:
    'a read that is aborted, left or closed in the middle ends on the server, and the abort is what is thrown',
  answers: ['aws-sdk-js-v3#3560'],
  check: async (bench) => {
    await streamsOf(bench).createLarge('large', 300_000);
    const aborted = new AbortController();
    const reason = new Error('the reason of the abort');
    const read = methodOf(bench.open(), 'read');
    const outcome = await afterOneBatch(
      bench,
      read(large, { batchRows: 100, signal: aborted.signal }),
      () => {
        aborted.abort(reason);
      },
    );
    if (outcome !== reason) {
      const what =
        outcome === undefined ? 'nothing is thrown, and the rest is read' : `${inspect(outcome)} is thrown`;
      throw new NonConformance(`at an abort ${what}; it must be the signal's reason`);
    }
    await untilIdle(bench, 'an abort');

    for await (const batch of methodOf(bench.open(), 'read')(large, { batchRows: 100 })) {
      if (batch.numRows > 0) break;
    }
    await untilIdle(bench, 'leaving the loop');

    const source = bench.open();
    let closing: Promise<void> | undefined;
    const ended = await afterOneBatch(bench, methodOf(source, 'read')(large, { batchRows: 100 }), () => {
      closing = Promise.resolve(source[Symbol.asyncDispose]());
    });
    await closing;
    if (ended === undefined)
      throw new NonConformance('a read goes on to its end, though its source was closed');
    await untilIdle(bench, 'closing the source');
    return 'abort, leaving the loop, closing the source';
  },
};

/** Reads on after the first batch. @returns what was thrown, `undefined` if all rows came. */
async function afterOneBatch(
  { signal }: SourceBench,
  batches: AsyncIterable<{ readonly numRows: number }>,
  act: () => void,
): Promise<unknown> {
  let count = 0;
  try {
    for await (const { numRows } of batches) {
      if (count === 0 && numRows > 0) act();
      count += numRows;
      signal.throwIfAborted();
    }
  } catch (error) {
    signal.throwIfAborted();
    return error;
  }
  return undefined;
}

const reading: Requirement<SourceBench> = {
  title: 'a source can be read again after a read was ended, and many reads can run at once',
  answers: ['aws-sdk-js-v3#3560'],
  check: async (bench) => {
    await streamsOf(bench).createLarge('large', 2000);
    const source = bench.open();
    for (let count = 0; count < 20; count += 1) {
      for await (const batch of methodOf(source, 'read')(large, { batchRows: 10 }))
        if (batch.numRows > 0) break;
    }
    const reads = await Promise.all(
      Array.from({ length: 20 }, () => readRows(source, large, { batchRows: 100 })),
    );
    const short = reads.find(({ length }) => length !== 2000);
    if (short !== undefined)
      throw new NonConformance(`one of 20 reads at once gave ${String(short.length)} of 2000 rows`);
    return '20 reads left one after the other, 20 at once';
  },
};

export const resourceRequirements = {
  'flat-memory': flatMemory,
  'back-pressure': backPressure,
  'ended-reads-end-on-the-server': ending,
  'reads-after-and-beside-reads': reading,
} as const;
