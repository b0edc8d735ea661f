import type { PostgresIncrementalOptions } from '@sqlflow/postgres-connector';
import { systemClock } from '@sqlflow/resilience';
import { toxicLink } from '@sqlflow/test-harness';
import type { Client } from 'pg';
import { ConnectorReader, type Endpoint } from './connector-reader.js';
import { drawFrom } from './draw.js';
import { faultsFrom } from './faults.js';
import { UsualReader, type UsualStrategy, usualStrategies } from './usual-reader.js';
import { Writer } from './writer.js';
import { type Verdict, Written } from './written.js';

/** Where schedules run, one after the other: a database of their own, and connections that stay open. */
export interface Ground {
  readonly endpoint: Endpoint;
  readonly writers: readonly Client[];
  /** For the table, and for the usual ways of reading. */
  readonly client: Client;
}

export interface ScheduleResult {
  readonly seed: number;
  readonly rows: number;
  readonly reads: number;
  /** Connections that were cut in the middle. */
  readonly cuts: number;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

interface Way {
  readonly options: PostgresIncrementalOptions;
  readonly isView?: true;
  /** It gives changes without a stamp too. */
  readonly givesUnstamped?: true;
}

/** The connector's ways. The last one has nothing but the cursor, and claims nothing while a transaction is prepared. */
export const ownWays: Readonly<Record<string, Way>> = {
  'held back': { options: { cursorField: 'at' } },
  'by row versions': { options: { cursorField: 'at', commitSafety: 'row-version' }, givesUnstamped: true },
  'a view, held back': { options: { cursorField: 'at', key: ['id'] }, isView: true },
};

/** All that can happen is decided by the seed, but not how the server lets it meet. */
export async function runSchedule(
  ground: Ground,
  seed: number,
  signal: AbortSignal,
): Promise<ScheduleResult> {
  const { client, endpoint } = ground;
  const table = `event_${String(seed)}`;
  const draw = drawFrom(seed);
  await client.query(`CREATE TABLE ${table} (id bigint PRIMARY KEY, rev bigint NOT NULL, at timestamptz NOT NULL);
    CREATE VIEW ${table}_seen AS SELECT * FROM ${table}`);
  const written = new Written();
  const isPreparing = draw.oneIn(3);
  const active = ground.writers.slice(0, draw.integer(1, ground.writers.length));
  const writers = active.map(
    (one, index) =>
      new Writer({
        client: one,
        table,
        written,
        isPreparing,
        draw: drawFrom(seed, index),
        firstId: 1_000_000 * (index + 1),
        signal,
      }),
  );
  await using link = await toxicLink(endpoint, { seed, script: faultsFrom(drawFrom(seed, 100)) });
  const own = new Map(
    Object.entries(ownWays).map(([name, { options, isView }], index) => {
      const stream = isView === true ? `${table}_seen` : table;
      return [name, new ConnectorReader(link, stream, options, drawFrom(seed, 200 + index))] as const;
    }),
  );
  const usual = new Map(
    (Object.keys(usualStrategies) as UsualStrategy[]).map(
      (name) => [name, new UsualReader(client, table, name)] as const,
    ),
  );
  const state = { isWriting: true };
  const writing = Promise.all(writers.map((writer) => writer.run())).finally(() => (state.isWriting = false));
  const pace = drawFrom(seed, 300);
  const readWhileWriting = async (read: () => Promise<void>): Promise<void> => {
    while (state.isWriting) {
      await read();
      await systemClock.sleep(pace.integer(0, 8), signal);
    }
  };
  const readUsual = async (): Promise<void> => {
    for (const reader of usual.values()) await reader.read();
  };
  const reading = [...own.values()].map((reader) => readWhileWriting(() => reader.read(signal)));
  await all([writing, readWhileWriting(readUsual), ...reading]);
  // The stamps that lie a little ahead, the delay of the usual way, and the distance that a view keeps, are over then.
  await systemClock.sleep(300, signal);
  link.clear();
  for (let last = 0; last < 2; last++) {
    await readUsual();
    await all([...own.values()].map((reader) => reader.read(signal, true)));
  }
  await all([...own.values()].map((reader) => reader[Symbol.asyncDispose]()));
  await client.query(`DROP TABLE ${table} CASCADE`);
  const readers = [...own.values()];
  const judged = [...own].filter(([, { isGuaranteed }]) => isGuaranteed);
  return {
    seed,
    rows: written.rows,
    reads: readers.reduce((sum, { reads }) => sum + reads, 0),
    cuts: link.schedule.filter(({ did }) => did === 'close' || did === 'reset' || did === 'refuse').length,
    verdicts: new Map(
      [...judged, ...usual].map(([name, { given }]) => {
        return [name, written.judge(given, ownWays[name]?.givesUnstamped === true)];
      }),
    ),
  };
}

/** Waits for all, also when one fails: what still runs would disturb the next schedule. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
