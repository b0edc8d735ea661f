import { type Checkpoint, ConnectorError, type Row, rowsOf } from '@sqlflow/connector-contract';
import type { PostgresIncrementalOptions, PostgresSource } from '@sqlflow/postgres-connector';
import type { LeasedDatabase } from '@sqlflow/test-harness';
import { Client } from 'pg';

export interface Read {
  readonly rows: Row[];
  readonly checkpoint: Checkpoint | undefined;
  readonly kind: string | undefined;
  readonly report: ReturnType<PostgresSource['readIncremental']>['report'];
}

/** Reads to the end; goes on from the checkpoint of a read before, if it is given. */
export async function read(
  source: PostgresSource,
  name: string,
  options: PostgresIncrementalOptions,
  before?: Pick<Read, 'checkpoint'>,
): Promise<Read> {
  const rows: Row[] = [];
  let checkpoint = before?.checkpoint;
  const given = checkpoint === undefined ? options : { ...options, checkpoint };
  const reading = source.readIncremental({ name }, given);
  for await (const one of reading) {
    rows.push(...rowsOf(one.batch));
    checkpoint = JSON.parse(JSON.stringify(one.checkpoint)) as Checkpoint;
  }
  return { rows, checkpoint, kind: reading.report?.guarantee.kind, report: reading.report };
}

/** A session of its own, which leaves with the scope. */
export async function session({ endpoint }: LeasedDatabase): Promise<Client & AsyncDisposable> {
  const { host, port, database, user, password } = endpoint;
  const client = new Client({ host, port, database, user, password });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

export const ids = (rows: readonly Row[]): unknown[] =>
  rows.map(({ id }) => Number(id)).sort((a, b) => a - b);

export const event = `CREATE TABLE event (id bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), note text)`;
export const byAt = { cursorField: 'at' } as const;

export async function refusal(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConnectorError) return error.message;
  throw new Error(`no refusal but ${String(error)}`);
}
