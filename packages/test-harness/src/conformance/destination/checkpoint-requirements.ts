import type { Checkpoint, Json } from '@sqlflow/connector-contract';
import { isDeepStrictEqual } from 'node:util';
import { jsonOfAllKinds } from '../json-of-all-kinds.js';
import { NonConformance, type Requirement } from '../requirement.js';
import { batchesOf } from './batches.js';
import {
  type DestinationBench,
  methodOf,
  requireStored,
  streamsOf,
  taken,
  writeRows,
} from './destination-bench.js';
import { eventRows, eventStream } from './event-stream.js';
import { whileLooking } from './looking.js';

const checkpoints: Requirement<DestinationBench> = {
  title: 'a checkpoint is committed with its rows, neither before nor after them, and found as it was given',
  answers: ['airbyte#72936', 'airbyte#11661'],
  check: async (bench) => {
    const { open, signal } = bench;
    const streams = streamsOf(bench);
    const [stream, other] = [eventStream('event'), eventStream('other')];
    await streams.create(stream);
    await streams.create(other);
    const [destination, second] = [open(), open()];
    const require = async (
      expected: Checkpoint | undefined,
      what: string,
      name = stream.name,
    ): Promise<void> => {
      for (const who of [destination, second]) {
        const found = await methodOf(who, 'committedCheckpoint')({ name }, signal);
        if (isDeepStrictEqual(found, expected)) continue;
        throw new NonConformance(
          `after ${what} the checkpoint is ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`,
        );
      }
    };
    const of = (position: Json): Checkpoint => ({ format: 'conformance', version: 1, position });
    await require(undefined, 'no write');
    await writeRows(destination, stream, eventRows(1, 10), { mode: 'append', signal });
    await require(undefined, 'a write without a checkpoint');
    await writeRows(destination, stream, [], { mode: 'append', checkpoint: of('of nothing'), signal });
    await require(of('of nothing'), 'a write of no rows');
    await writeRows(destination, other, eventRows(1, 10), {
      mode: 'replace',
      checkpoint: of('other'),
      signal,
    });
    await require(of('of nothing'), 'a write to another stream');
    for (const mode of ['append', 'replace', 'upsert'] as const) {
      await requireTogether(bench, eventStream(`by_${mode}`), mode);
    }
    for (const position of jsonOfAllKinds) {
      await writeRows(destination, other, [], { mode: 'append', checkpoint: of(position), signal });
      await require(of(position), 'a write', 'other');
    }
    await writeRows(destination, other, eventRows(20, 20), { mode: 'append', signal });
    await require(of(jsonOfAllKinds.at(-1) ?? null), 'a write without a checkpoint', 'other');
    return `${jsonOfAllKinds.length} positions, and a reader beside each mode`;
  },
};

/** A reader that finds a checkpoint finds its rows, and one that finds rows finds their checkpoint. */
async function requireTogether(
  bench: DestinationBench,
  stream: ReturnType<typeof eventStream>,
  mode: 'append' | 'replace' | 'upsert',
): Promise<void> {
  const { open, signal } = bench;
  const streams = streamsOf(bench);
  await streams.create(stream);
  const [destination, reader] = [open(), open()];
  const key = mode === 'upsert' && { key: ['id'] };
  /** The write whose rows are there. */
  const seen = async (): Promise<number> => Math.ceil((await streams.count(stream.name)) / 40);
  for (const nth of [1, 2, 3]) {
    const look = async (): Promise<void> => {
      const before = await seen();
      const checkpoint = await methodOf(reader, 'committedCheckpoint')({ name: stream.name }, signal);
      const told = Number(checkpoint?.position ?? 0);
      const after = await seen();
      if (told >= before && told <= after) return;
      throw new NonConformance(
        `${mode}: beside write ${nth} the checkpoint of write ${told} is found, and the rows of write ${told < before ? before : after}`,
      );
    };
    await whileLooking(look, async (lookNow) => {
      const rows = eventRows(mode === 'replace' ? 1 : 40 * nth - 39, 40 * nth);
      const batches = taken(batchesOf(stream, rows, 20), lookNow);
      const checkpoint = { format: 'conformance', version: 1, position: nth };
      await methodOf(destination, 'write')(stream, batches, { mode, ...key, checkpoint, signal });
    });
  }
  await requireStored(bench, stream, eventRows(1, 120), `${mode}, three times`);
}

export const checkpointRequirements = { 'checkpoint-goes-with-rows': checkpoints } as const;
