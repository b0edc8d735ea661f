import { pause } from '../../deadline.js';
import type { AddedToxic } from '../../fault/toxic-link.js';
import { NonConformance, type Requirement } from '../requirement.js';
import { type DestinationBench, linkTo, methodOf, streamsOf, taken } from './destination-bench.js';
import { inDestinationProcess } from './destination-process.js';
import { largeBatches, largeBatchRows, largeStream } from './large-batches.js';

const MiB = 2 ** 20;

const stalledAt = 3;
const stalledBatches = 64;
/** The buffers of both ends of a connection take some MiB on any system, and each batch is one. */
const mostAhead = 24;
/** A write that takes batches for nobody takes the next one in microseconds. */
const restMs = 500;

const backPressure: Requirement<DestinationBench> = {
  title: 'batches are taken no faster than they are written',
  answers: ['airbyte#21406', 'airbyte#70921'],
  check: async (bench) => {
    const stream = largeStream('slow');
    await streamsOf(bench).create(stream);
    await using link = await linkTo(bench);
    let onStalled = (): void => undefined;
    const stalled = new Promise<void>((resolve) => (onStalled = resolve));
    let stall: AddedToxic | undefined;
    const batches = taken(largeBatches(stream, stalledBatches), (nth) => {
      if (nth !== stalledAt) return;
      stall = link.add({ type: 'timeout', direction: 'upstream', timeoutMs: 0 });
      onStalled();
    });
    const write = methodOf(bench.open(link.endpoint), 'write');
    const writing = write(stream, batches, { mode: 'append', signal: bench.signal });
    // It is told below, when what came before is.
    writing.catch(() => undefined);
    await Promise.race([stalled, writing]);
    const ahead = (await atRest(bench, () => batches.batches)) - stalledAt;
    if (ahead > mostAhead) {
      throw new NonConformance(
        `${ahead} batches of 1 MiB were taken though the server took none, of ${stalledBatches - stalledAt} that were left`,
      );
    }
    stall?.remove();
    const { rows } = await writing;
    const count = await streamsOf(bench).count(stream.name);
    if (rows !== stalledBatches * largeBatchRows || count !== rows) {
      throw new NonConformance(`${rows} rows are reported and ${count} are there when the server goes on`);
    }
    return `${ahead} batches of 1 MiB taken while the server took none`;
  },
};

/** What a count has come to when it does not grow any more. */
async function atRest({ signal }: DestinationBench, count: () => number): Promise<number> {
  for (let before = -1; ;) {
    const now = count();
    if (now === before) return now;
    before = now;
    await pause(restMs, signal);
  }
}

/** Batches of 1 MiB. */
const few = 16;
const many = 176;
/** What is collected later in a longer write. */
const growthBytes = 100 * MiB;

const flatMemory: Requirement<DestinationBench> = {
  title: 'memory does not grow with what is written',
  answers: ['airbyte#69336', 'airbyte#21406', 'airbyte#70921', 'airbyte#11715'],
  timeoutMs: 120_000,
  check: async (bench) => {
    const write = async (name: string, batches: number): Promise<number> => {
      const stream = largeStream(name);
      await streamsOf(bench).create(stream);
      const { endpoint } = bench.fixture;
      const { rows, peakBytes } = await inDestinationProcess(bench, (run) =>
        run({ task: 'write', endpoint, stream, batches }),
      );
      const count = await streamsOf(bench).count(name);
      if (rows === batches * largeBatchRows && count === rows) return peakBytes;
      throw new NonConformance(
        `of ${batches * largeBatchRows} rows ${rows} are reported and ${count} are there`,
      );
    };
    const [one, other] = [await write('few', few), await write('many', many)];
    const said = `${mebibytes(one)} at most for ${few} MiB, ${mebibytes(other)} for ${many} MiB`;
    if (other - one > growthBytes) throw new NonConformance(`memory grows: ${said}`);
    return said;
  },
};

function mebibytes(bytes: number): string {
  return `${(bytes / MiB).toFixed(0)} MiB`;
}

export const resourceRequirements = { 'back-pressure': backPressure, 'flat-memory': flatMemory } as const;
