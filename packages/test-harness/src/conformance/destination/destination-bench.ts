import type { Destination, Row, WriteOptions, WriteReport } from '@sqlflow/connector-contract';
import type { RecordBatch } from 'apache-arrow';
import { type ToxicLink, toxicLink } from '../../fault/toxic-link.js';
import type { OpenModule } from '../own-process.js';
import { NonConformance } from '../requirement.js';
import { requireRows } from '../rows-compare.js';
import type { Address, StreamSpec } from '../source/source-fixture.js';
import { batchesOf } from './batches.js';
import type { DestinationFixture, WrittenStreams } from './destination-fixture.js';

/** A destination as far as it is built: what it lacks, it fails. */
export type DestinationUnderTest = AsyncDisposable &
  Pick<Destination, 'testConnection'> &
  Partial<Pick<Destination, 'write' | 'committedCheckpoint'>>;

/** What one requirement is tried with. */
export interface DestinationBench<Endpoint extends Address = Address> {
  readonly fixture: DestinationFixture<Endpoint>;
  /** Opens a destination that is closed with the bench. @defaultValue on the endpoint of the fixture */
  readonly open: (endpoint?: Endpoint) => DestinationUnderTest;
  readonly module: OpenModule | undefined;
  readonly seed: number;
  /** Aborts when the requirement has taken too long. */
  readonly signal: AbortSignal;
}

/** A method of the destination. @throws NonConformance if it has none. */
export function methodOf<Name extends 'write' | 'committedCheckpoint'>(
  destination: DestinationUnderTest,
  name: Name,
): Destination[Name] {
  const method = destination[name];
  if (method === undefined) throw new NonConformance(`the destination has no ${name}`);
  return method.bind(destination) as Destination[Name];
}

/** @throws NonConformance if the fixture has none. */
export function streamsOf({ fixture }: DestinationBench): WrittenStreams {
  if (fixture.streams === undefined) throw new NonConformance('the fixture has no streams to be written to');
  return fixture.streams;
}

/** A link to the server of the fixture. */
export function linkTo({ fixture, seed }: DestinationBench): Promise<ToxicLink> {
  return toxicLink(fixture.endpoint, { seed });
}

/** Rows in a batch, unless said otherwise: some batches for few rows. */
export const batchRows = 16;

/** Writes rows in some batches. @throws NonConformance if the report says another number of them. */
export async function writeRows(
  destination: DestinationUnderTest,
  stream: StreamSpec,
  rows: readonly Row[],
  options: WriteOptions,
): Promise<WriteReport> {
  const report = await methodOf(destination, 'write')(
    { name: stream.name },
    batchesOf(stream, rows, batchRows),
    options,
  );
  if (report.rows === rows.length) return report;
  throw new NonConformance(`${options.mode} of ${rows.length} rows reports ${report.rows}`);
}

/** @throws NonConformance unless others see exactly these rows. */
export async function requireStored(
  bench: DestinationBench,
  stream: StreamSpec,
  rows: readonly Row[],
  doing: string,
): Promise<void> {
  requireRows(await streamsOf(bench).rowsOf(stream), rows, doing);
}

/** Batches one at a time, which can be asked how far they were taken, and whether they were let go. */
export interface Taken extends AsyncIterable<RecordBatch> {
  readonly batches: number;
  readonly hasEnded: boolean;
}

/** @param onTaken - Awaited before a batch is handed over, which is the n-th from 1 on. */
export function taken(
  batches: Iterable<RecordBatch>,
  onTaken: (nth: number) => Promise<void> | void = () => undefined,
): Taken {
  const state = { batches: 0, hasEnded: false };
  async function* give(): AsyncGenerator<RecordBatch, void, undefined> {
    try {
      for (const batch of batches) {
        state.batches += 1;
        await onTaken(state.batches);
        yield batch;
      }
    } finally {
      state.hasEnded = true;
    }
  }
  const given = give();
  return {
    [Symbol.asyncIterator]: () => given,
    get batches() {
      return state.batches;
    },
    get hasEnded() {
      return state.hasEnded;
    },
  };
}
