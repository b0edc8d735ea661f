import type { Checkpoint, Row } from '@sqlflow/connector-contract';
import { ConnectorError } from '@sqlflow/connector-contract';
import { NonConformance, type Requirement } from '../requirement.js';
import { requireRows } from '../rows-compare.js';
import { seededRandom } from '../seeded-random.js';
import { cursorStream } from './cursor-requirements.js';
import { from, readIncrementally } from './incremental-read.js';
import { methodOf, readRows, type SourceBench, streamsOf } from './source-bench.js';
import type { FixtureTransaction, StreamFixture } from './source-fixture.js';

const stream = cursorStream('event', 'timestamptz');

/** @throws NonConformance if the server has no transactions. */
async function begin({ begin: open }: StreamFixture): Promise<FixtureTransaction> {
  if (open === undefined) throw new NonConformance('the fixture has no transactions');
  return open();
}

const lateCommit: Requirement<SourceBench> = {
  title: 'a row that is committed late is not lost, though rows with later cursors have been read',
  answers: ['airbyte#9668', 'dlt#2269', 'kafka-connect-jdbc#172'],
  check: async (bench) => {
    const streams = streamsOf(bench);
    await streams.create(stream);
    const options = { cursorField: 'cursor', batchRows: 3, signal: bench.signal };
    const given: Row[] = [];
    const committed: Row[] = [];
    let checkpoint: Checkpoint | undefined;
    const read = async (): Promise<void> => {
      const found = await readIncrementally(bench.open(), stream, { ...options, ...from(checkpoint) });
      ({ checkpoint } = found);
      given.push(...found.rows);
    };
    let id = 0n;
    const insert = async (into: Pick<FixtureTransaction, 'insert' | 'stamp'>): Promise<Row> => {
      const row = { id: ++id, cursor: await into.stamp() };
      await into.insert('event', [row]);
      return row;
    };
    committed.push(await insert(streams));
    await using late = await begin(streams);
    const lateRows = [await insert(late)];
    // A server may keep what follows under another number than the transaction.
    await late.savepoint?.();
    lateRows.push(await insert(late));
    await using dropped = await begin(streams);
    await insert(dropped);
    for (let count = 0; count < 7; count += 1) committed.push(await insert(streams));
    await read();
    await late.commit();
    committed.push(...lateRows, await insert(streams));
    await read();
    await dropped[Symbol.asyncDispose]();
    await read();
    await read();
    requireRows(given, committed, 'four reads, the first before a commit and the third after a rollback');
    return `${String(committed.length)} rows, two committed after seven later ones were read, one of them behind a savepoint, and one rolled back`;
  },
};

const writers = 4;
const transactionsEach = 25;

const concurrentWriter: Requirement<SourceBench> = {
  title: 'with writers at work, each row comes once',
  answers: ['airbyte#9668', 'dlt#2269'],
  timeoutMs: 120_000,
  check: async (bench) => {
    const streams = streamsOf(bench);
    await streams.create(stream);
    const random = seededRandom(bench.seed);
    const committed: Row[] = [];
    let [id, rolledBack, running] = [0n, 0, writers];
    const write = async (): Promise<void> => {
      for (let count = 0; count < transactionsEach; count += 1) {
        await using transaction = await begin(streams);
        const rows: Row[] = [];
        for (let row = random.integer(1, 3); row > 0; row -= 1) {
          rows.push({ id: ++id, cursor: await transaction.stamp() });
          await transaction.insert('event', rows.slice(-1));
        }
        if (random.integer(0, 4) === 0) {
          rolledBack += 1;
          continue;
        }
        await transaction.commit();
        committed.push(...rows);
      }
    };
    const given: Row[] = [];
    let [checkpoint, reads]: [Checkpoint | undefined, number] = [undefined, 0];
    const readOnce = async (): Promise<void> => {
      const options = { cursorField: 'cursor', batchRows: 5, ...from(checkpoint), signal: bench.signal };
      const found = await readIncrementally(bench.open(), stream, options);
      ({ checkpoint } = found);
      given.push(...found.rows);
      reads += 1;
    };
    const writing = Array.from({ length: writers }, () => write().finally(() => (running -= 1)));
    const done = Promise.all(writing);
    // Said below, after the reads.
    done.catch(() => undefined);
    while (running > 0) await readOnce();
    await done;
    await readOnce();
    await readOnce();
    requireRows(given, committed, `${String(reads)} reads beside ${String(writers)} writers`);
    return `${String(committed.length)} rows, ${String(rolledBack)} transactions rolled back, ${String(reads)} reads`;
  },
};

const schemaChange: Requirement<SourceBench> = {
  title:
    'a column that comes or goes in the middle of a read makes no row wrong, and the next read knows of it',
  answers: ['airbyte#78427', 'airbyte#80920'],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const { addColumn, dropColumn } = streams;
    if (addColumn === undefined || dropColumn === undefined) {
      throw new NonConformance('the fixture has no schema that could change');
    }
    const columns = [
      { name: 'id', kind: 'int64' },
      { name: 'body', kind: 'text' },
    ] as const;
    const rows = Array.from({ length: 20_000 }, (_, index) => ({ id: BigInt(index), body: 'x'.repeat(100) }));
    await streams.create({ name: 'drifting', columns, key: ['id'] });
    await streams.insert('drifting', rows);
    const changes = [
      {
        what: 'a new column',
        names: ['id', 'body'],
        change: () => addColumn('drifting', { name: 'more', kind: 'text' }),
      },
      {
        what: 'a dropped column',
        names: ['id', 'body', 'more'],
        change: () => dropColumn('drifting', 'body'),
      },
    ];
    const outcomes: string[] = [];
    for (const { what, names, change } of changes) {
      outcomes.push(`${what}: ${await readDuring(bench, names, change)}`);
    }
    const last = await readRows(bench.open(), { name: 'drifting' }, { signal: bench.signal });
    const names = Object.keys(last[0] ?? {}).join();
    if (names !== 'id,more') throw new NonConformance(`after both changes the columns are ${names}`);
    return outcomes.join('; ');
  },
};

/** Reads while a change is under way. It may have to wait until the read is over, so nobody waits for it before. */
async function readDuring(
  bench: SourceBench,
  columns: readonly string[],
  change: () => Promise<void>,
): Promise<string> {
  let changing: Promise<void> | undefined;
  let rows = 0;
  try {
    const read = methodOf(bench.open(), 'read')(
      { name: 'drifting' },
      { batchRows: 100, signal: bench.signal },
    );
    for await (const batch of read) {
      const came = batch.schema.fields.map(({ name }) => name).join();
      if (came !== columns.join())
        throw new NonConformance(`a batch of columns ${came}, in a read of ${columns.join()}`);
      rows += batch.numRows;
      changing ??= change();
    }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    await changing;
    return `refused, ${error.code}`;
  }
  await changing;
  if (rows !== 20_000)
    throw new NonConformance(`${String(rows)} of 20,000 rows came beside a change of the schema`);
  return 'read as it was before';
}

export const concurrencyRequirements = {
  'late-commit': lateCommit,
  'concurrent-writers': concurrentWriter,
  'schema-change-mid-read': schemaChange,
} as const;
