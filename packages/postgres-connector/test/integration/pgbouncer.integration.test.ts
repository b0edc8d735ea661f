import type { Row } from '@sqlflow/connector-contract';
import { VirtualClock } from '@sqlflow/resilience/testing';
import { describeIntegration, leaseDatabase, type LeasedDatabase, markSkipped } from '@sqlflow/test-harness';
import { Client } from 'pg';
import { destinationOn, stored } from './destinations.js';
import { ids, read } from './incremental-reads.js';
import { type Pgbouncer, pgbouncerProgram, startPgbouncer } from './pgbouncer.js';
import { readAll, runningQueries, sourceOn, until } from './sources.js';

/** As the harness does for a service: in CI a test that lacks what it needs fails, elsewhere it is skipped and says so. */
const { CI = '', INTEGRATION_TESTS } = process.env;
const isRequired = INTEGRATION_TESTS === 'true' || !['', '0', 'false'].includes(CI.toLowerCase());
const isSkipped = pgbouncerProgram === undefined && !isRequired;
if (isSkipped) {
  process.emitWarning('skipped "behind pgbouncer": pgbouncer is not installed; ./integration installs it');
  markSkipped();
}

/** A client of somebody else behind the same pooler. */
async function stranger({ host, port }: Pgbouncer, { endpoint }: LeasedDatabase): Promise<Client> {
  const client = new Client({ host, port, database: endpoint.database, user: endpoint.user });
  await client.connect();
  return client;
}

const german = `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET datestyle TO German', current_database()); END $$`;

function suite(): void {
  test('a source finds what there is and reads it, with values as without a pooler', async () => {
    await using database = await leaseDatabase();
    await database.query(`${german}; CREATE TABLE t AS SELECT i AS id, date '2024-01-31' AS day,
      ARRAY[date '2024-01-31'] AS days, interval '1 day 2 hours' AS span FROM generate_series(1, 100000) i`);
    await using pooler = await startPgbouncer(database, 2);
    const { host, port } = pooler;
    await using source = sourceOn(database, { host, port, statementTimeoutMs: 50_000 });
    expect(await source.testConnection()).toMatchObject({ ok: true });
    expect((await source.discover()).map(({ name }) => name)).toEqual(['t']);
    const rows = await readAll(source, 't');
    expect(rows).toHaveLength(100_000);
    expect(rows[0]).toMatchObject({ day: '2024-01-31', days: ['2024-01-31'], span: 'P1DT2H' });
  });

  test('more reads at once than the pooler has connections get all their rows', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT i AS x FROM generate_series(1, 1000) i');
    await using pooler = await startPgbouncer(database, 2);
    const { host, port } = pooler;
    await using one = sourceOn(database, { host, port, maxConnections: 4 });
    await using other = sourceOn(database, { host, port, maxConnections: 4 });
    const all = await Promise.all(
      Array.from({ length: 24 }, (_, index) => readAll(index % 2 === 0 ? one : other, 't')),
    );
    expect(all.every((rows) => rows.length === 1000)).toBe(true);
    const [count] = await database.query(`SELECT count(*)::int FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'sqlflow'`);
    expect(count?.['count']).toBeLessThanOrEqual(2);
  });

  test('those who share a connection of the server do not see each other’s settings', async () => {
    await using database = await leaseDatabase();
    await database.query(`${german}; CREATE TABLE t AS SELECT ARRAY[date '2024-01-31'] AS days;
      CREATE VIEW limits AS SELECT current_setting('statement_timeout') AS statement,
        current_setting('lock_timeout') AS lock, current_setting('transaction_read_only') AS read_only`);
    await using pooler = await startPgbouncer(database, 1);
    const { host, port } = pooler;
    // A text depends on the settings of its connection.
    await using one = sourceOn(database, { host, port, statementTimeoutMs: 50_000, arraysAs: 'text' });
    await using other = sourceOn(database, { host, port, lockTimeoutMs: 40_000 });
    const client = await stranger(pooler, database);
    try {
      for (let round = 0; round < 3; round++) {
        expect(await readAll(one, 'limits')).toEqual([{ statement: '50s', lock: '0', read_only: 'on' }]);
        expect(await readAll(other, 'limits')).toEqual([{ statement: '0', lock: '40s', read_only: 'on' }]);
        expect(await readAll(one, 't')).toEqual([{ days: '{2024-01-31}' }]);
        const { rows } = await client.query(`SELECT *, current_setting('datestyle') AS style,
          (SELECT count(*)::int FROM pg_prepared_statements) AS prepared FROM limits`);
        expect(rows).toEqual([
          {
            statement: '0',
            lock: '0',
            read_only: 'off',
            style: expect.stringContaining('German'),
            prepared: 0,
          },
        ]);
        // What somebody leaves behind in the connection of the server does not matter either.
        await client.query(
          `SET intervalstyle TO iso_8601; SET bytea_output TO escape; SET datestyle TO 'SQL, DMY'`,
        );
        expect(await readAll(one, 't')).toEqual([{ days: '{2024-01-31}' }]);
        await client.query('RESET ALL');
      }
    } finally {
      await client.end();
    }
  });

  test('a destination writes in every mode, and leaves nothing in the connection of the server', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (id int8 PRIMARY KEY, v text)');
    await using pooler = await startPgbouncer(database, 1);
    const { host, port } = pooler;
    await using one = destinationOn(database, { host, port });
    await using other = destinationOn(database, { host, port });
    const key = ['id'];
    const checkpoint = { format: 'test', version: 1, position: 1 };
    const rows = (from: number, to: number, v: string): Row[] =>
      Array.from({ length: to - from + 1 }, (_, index) => ({ id: BigInt(from + index), v }));
    await Promise.all([
      one.writeRows({ name: 't' }, rows(1, 10_000, 'appended'), { mode: 'append' }),
      other.writeRows({ name: 't' }, rows(10_001, 20_000, 'appended'), { mode: 'append' }),
    ]);
    await Promise.all([
      one.writeRows({ name: 't' }, rows(1, 5, 'one'), { mode: 'upsert', key, checkpoint }),
      other.writeRows({ name: 't' }, rows(3, 30, 'other'), { mode: 'delete', key }),
    ]);
    expect(await one.committedCheckpoint({ name: 't' })).toEqual(checkpoint);
    await other.writeRows({ name: 't' }, rows(7, 9, 'replaced'), { mode: 'replace' });
    expect(await stored(database, 't')).toEqual([7, 8, 9].map((id) => ({ id, v: 'replaced' })));
    const client = await stranger(pooler, database);
    const { rows: left } = await client.query(`SELECT relname FROM pg_class WHERE relpersistence = 't'`);
    await client.end();
    expect(left).toEqual([]);
  });

  test('slices and incremental reads come through it, each from one connection of the server', async () => {
    await using database = await leaseDatabase();
    await database.query(
      'CREATE TABLE t AS SELECT i::int8 AS id FROM generate_series(1, 30000) i; ALTER TABLE t ADD PRIMARY KEY (id)',
    );
    await using pooler = await startPgbouncer(database, 3);
    const { host, port } = pooler;
    await using source = sourceOn(database, { host, port });
    await using slices = await source.partitions({ name: 't' }, 2);
    await database.query('INSERT INTO t SELECT generate_series(30001, 40000)');
    const counts = await Promise.all(
      slices.partitions.map(async (partition) => {
        let count = 0;
        for await (const batch of source.readPartition(partition)) count += batch.numRows;
        return count;
      }),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(30_000);
    const first = await read(source, 't', { cursorField: 'id' });
    await database.query('INSERT INTO t SELECT generate_series(40001, 40003)');
    const second = await read(source, 't', { cursorField: 'id' }, first);
    expect([first.rows.length, ids(second.rows)]).toEqual([40_000, [40_001, 40_002, 40_003]]);
  });

  test('a read that is left or aborted has its query cancelled on the server, and the pooler goes on', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE VIEW slow AS SELECT pg_sleep(600)::text AS x; CREATE TABLE t AS SELECT 1 AS x;
      CREATE VIEW endless AS SELECT generate_series(1, 1000000000000) AS id, repeat('x', 1000) AS filler`);
    await using pooler = await startPgbouncer(database, 1);
    const { host, port } = pooler;
    // On a clock that stands still: no time limit makes up for a cancel that fails.
    await using source = sourceOn(database, { host, port }, new VirtualClock());
    const nothingRuns = async (): Promise<boolean> => (await runningQueries(database)).length === 0;
    for await (const batch of source.read({ name: 'endless' }, { batchRows: 100 })) {
      expect(batch.numRows).toBe(100);
      break;
    }
    await until(nothingRuns);
    const abort = new AbortController();
    const outcome = expect(readAll(source, 'slow', { signal: abort.signal })).rejects.toBe('enough');
    await until(async () => !(await nothingRuns()));
    abort.abort('enough');
    await outcome;
    await until(nothingRuns);
    expect(await readAll(source, 't')).toEqual([{ x: 1 }]);
  });
}

// eslint-disable-next-line no-restricted-syntax -- nobody is made to install a pooler, and CI is
const register = isSkipped ? describe.skip : describe;
describeIntegration('postgres', 'behind pgbouncer', () => {
  register('in transaction mode', suite);
});
