import type { IncrementalSource, Row, Source, StreamName } from '@sqlflow/connector-contract';
import { rows as rowsOfBatches } from '@sqlflow/connector-contract';
import type { OpenModule } from '../own-process.js';
import { NonConformance } from '../requirement.js';
import type { Address, SourceFixture, StreamFixture } from './source-fixture.js';

/** A source as far as it is built: what it lacks, it fails. */
export type SourceUnderTest = AsyncDisposable &
  Pick<Source, 'testConnection'> &
  Partial<Omit<IncrementalSource, keyof AsyncDisposable | 'testConnection'>>;

/** What one requirement is tried with. */
export interface SourceBench<Endpoint extends Address = Address> {
  readonly fixture: SourceFixture<Endpoint>;
  /** Opens a source that is closed with the bench. @defaultValue on the endpoint of the fixture */
  readonly open: (endpoint?: Endpoint) => SourceUnderTest;
  readonly module: OpenModule | undefined;
  readonly seed: number;
  /** Aborts when the requirement has taken too long. */
  readonly signal: AbortSignal;
}

/** A method of the source. @throws NonConformance if it has none. */
export function methodOf<Name extends 'discover' | 'read' | 'readIncremental'>(
  source: SourceUnderTest,
  name: Name,
): IncrementalSource[Name] {
  const method = source[name];
  if (method === undefined) throw new NonConformance(`the source has no ${name}`);
  return method.bind(source) as IncrementalSource[Name];
}

/** @throws NonConformance if the fixture has none. */
export function streamsOf({ fixture }: SourceBench): StreamFixture {
  if (fixture.streams === undefined) throw new NonConformance('the fixture has no streams to be read');
  return fixture.streams;
}

/** Reads a stream to its end, as rows. */
export async function readRows(
  source: SourceUnderTest,
  stream: StreamName,
  options?: Parameters<Source['read']>[1],
): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rowsOfBatches(methodOf(source, 'read')(stream, options))) all.push(row);
  return all;
}
