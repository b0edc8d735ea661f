import { VirtualClock } from '@sqlflow/resilience/testing';
import { describeIntegration, leaseDatabase, type LeasedDatabase, markSkipped } from '@sqlflow/test-harness';
import { Client } from 'pg';
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
