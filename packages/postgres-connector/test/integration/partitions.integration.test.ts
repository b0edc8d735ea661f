import { type Partition, type Row, rows, rowsOf } from '@sqlflow/connector-contract';
import type { PostgresSource } from '@sqlflow/postgres-connector';
import { VirtualClock } from '@sqlflow/resilience/testing';
import { describeIntegration, leaseDatabase, type LeasedDatabase, tagged } from '@sqlflow/test-harness';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { readAll, sourceOn, until } from './sources.js';

const child = fileURLToPath(new URL('child/read-partition.ts', import.meta.url));
const loader = fileURLToPath(new URL('../../../../tools/source-loader/register.mjs', import.meta.url));

async function readSlice(source: PostgresSource, partition: Partition): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows(source.readPartition(partition))) all.push(row);
  return all;
}

async function readInChild({ endpoint }: LeasedDatabase, partition: Partition): Promise<number[]> {
  const { host, port, database, user, password } = endpoint;
  const argument = JSON.stringify({ options: { host, port, database, user, password }, partition });
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', loader, child, argument], {
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: 60_000,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout) as number[];
}

async function readInThread({ endpoint }: LeasedDatabase, partition: Partition): Promise<number[]> {
  const { host, port, database, user, password } = endpoint;
  const argument = JSON.stringify({ options: { host, port, database, user, password }, partition });
  const thread = new Worker(child, { argv: [argument], execArgv: ['--import', loader], stdout: true });
  const [told] = await Promise.all([text(thread.stdout), once(thread, 'exit')]);
  return JSON.parse(told) as number[];
}

function sorted(numbers: readonly unknown[]): number[] {
  return numbers.map(Number).sort((a, b) => a - b);
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** The ids of every slice of a stream, and how many slices there are. */
async function idsBySlice(
  source: PostgresSource,
  name: string,
  count: number,
  key?: string,
): Promise<number[][]> {
  await using slices = await source.partitions({ name }, count, key === undefined ? {} : { key });
  return await Promise.all(
    slices.partitions.map(async (partition) =>
      (await readSlice(source, partition)).map((row) => Number(row['id'])),
    ),
  );
}

describeIntegration('postgres', 'partitions', () => {
  tagged('smoke')('slices of about one size hold each row once, whatever their count', async () => {
    await using database = await leaseDatabase();
    await database.query(
      'CREATE TABLE t AS SELECT i AS id, repeat($$x$$, 100) AS filler FROM generate_series(1, 10000) i',
    );
    await using source = sourceOn(database);
    for (const count of [1, 2, 3, 7]) {
      const slices = await idsBySlice(source, 't', count);
      expect(slices).toHaveLength(count);
      expect(sorted(slices.flat())).toEqual(numbers(1, 10_000));
      for (const slice of slices) expect(slice.length).toBeGreaterThan((0.5 * 10_000) / count);
    }
  });

  test('a table of fewer blocks than slices, an empty one and one without columns are cut too', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE small AS SELECT 1 AS id; CREATE TABLE nothing (id int);
      CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES`);
    await using source = sourceOn(database);
    expect(await idsBySlice(source, 'small', 100)).toEqual([[1]]);
    expect(await idsBySlice(source, 'nothing', 100)).toEqual([[]]);
    await using slices = await source.partitions({ name: 'bare' }, 3);
    const all = await Promise.all(slices.partitions.map((partition) => readSlice(source, partition)));
    expect(all.flat()).toEqual([{}, {}]);
  });

  test('columns, filters and batch sizes are those of a read', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t AS SELECT i AS id, i % 3 AS kind FROM generate_series(1, 5000) i;
      CREATE VIEW v AS SELECT * FROM t`);
    await using source = sourceOn(database);
    for (const name of ['t', 'v']) {
      await using slices = await source.partitions({ name }, 3, { key: 'id' });
      const ids: unknown[] = [];
      for (const partition of slices.partitions) {
        const options = {
          columns: ['id'],
          filter: [{ column: 'kind', op: '=', value: 1 }],
          batchRows: 10,
        } as const;
        for await (const batch of source.readPartition(partition, options)) {
          expect(batch.numRows).toBeLessThanOrEqual(10);
          expect(batch.schema.names).toEqual(['id']);
          for (const { id } of rowsOf(batch)) ids.push(id);
        }
      }
      expect(sorted(ids)).toEqual(numbers(1, 5000).filter((id) => id % 3 === 1));
    }
  });

  test('other processes, threads and sources read slices of one moment, while a writer changes the table', async () => {
    await using database = await leaseDatabase();
    await database.query(
      `CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 20000) i; ALTER TABLE t ADD PRIMARY KEY (id)`,
    );
    await using source = sourceOn(database);
    await using other = sourceOn(database, { maxConnections: 1 });
    await using slices = await source.partitions({ name: 't' }, 4);
    await database.query(`INSERT INTO t SELECT generate_series(30001, 60000); DELETE FROM t WHERE id % 2 = 0;
      UPDATE t SET id = -id WHERE id % 3 = 0`);
    const [first, second, third, fourth] = JSON.parse(JSON.stringify(slices.partitions)) as Partition[];
    const writing = database.query(
      'INSERT INTO t SELECT generate_series(70001, 90000); DELETE FROM t WHERE id > 10',
    );
    const parts = await Promise.all([
      readInChild(database, first as Partition),
      readInThread(database, second as Partition),
      readSlice(other, third as Partition).then((all) => all.map((row) => row['id'])),
      readSlice(source, fourth as Partition).then((all) => all.map((row) => row['id'])),
    ]);
    await writing;
    expect(sorted(parts.flat())).toEqual(numbers(1, 20_000));
  }, 60_000);

  test('rows that came after the blocks were counted, but before the snapshot, are in the last slice', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 3000) i');
    await using source = sourceOn(database);
    await using slices = await source.partitions({ name: 't' }, 3);
    const last = slices.partitions.at(-1);
    expect(last?.slice).toMatchObject({ of: { blocks: [{ from: expect.any(Number) as number }] } });
    expect(JSON.stringify(last?.slice)).not.toContain('"to"');
  });

  test('partitioned tables are cut partition by partition, and tables with heirs heir by heir', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int, kind text) PARTITION BY RANGE (id);
      CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (3000);
      CREATE TABLE t_2 (kind text, id int); ALTER TABLE t ATTACH PARTITION t_2 FOR VALUES FROM (3000) TO (6000);
      CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (6000) TO (9000) PARTITION BY LIST (kind);
      CREATE TABLE t_3_a PARTITION OF t_3 FOR VALUES IN ('a'); CREATE TABLE t_3_b PARTITION OF t_3 DEFAULT;
      CREATE TABLE t_empty PARTITION OF t FOR VALUES FROM (9000) TO (9999);
      INSERT INTO t SELECT i, CASE i % 2 WHEN 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 8000) i;
      CREATE TABLE parent (id int); CREATE TABLE heir (more text) INHERITS (parent); CREATE TABLE second (x int) INHERITS (parent);
      CREATE TABLE both_of () INHERITS (heir, second); INSERT INTO parent SELECT generate_series(1, 1000);
      INSERT INTO heir SELECT generate_series(1001, 2000); INSERT INTO both_of SELECT generate_series(2001, 3000)`);
    await using source = sourceOn(database);
    for (const [name, last] of [
      ['t', 8000],
      ['parent', 3000],
    ] as const) {
      for (const count of [2, 4, 1000]) {
        const slices = await idsBySlice(source, name, count);
        expect(slices.length).toBeLessThanOrEqual(count);
        expect(slices.length).toBeGreaterThan(1);
        expect(sorted(slices.flat())).toEqual(numbers(1, last));
      }
    }
    await database.query('CREATE TABLE none (id int) PARTITION BY RANGE (id)');
    expect(await idsBySlice(source, 'none', 4)).toEqual([[]]);
  });

  test('views, materialised views, foreign tables and queries are cut, by ranges of a key where need be', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int PRIMARY KEY, label text COLLATE "en-x-icu", score float8);
      INSERT INTO t SELECT i, CASE WHEN i % 10 > 0 THEN chr(97 + i % 26) END, CASE i % 4 WHEN 0 THEN 'NaN' WHEN 1 THEN 'Infinity' ELSE i::float8 END
        FROM generate_series(1, 2000) i;
      CREATE VIEW v AS SELECT * FROM t; CREATE MATERIALIZED VIEW m AS SELECT * FROM t;
      CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
      CREATE FOREIGN TABLE f (id int) SERVER files OPTIONS (program 'seq 1 2000')`);
    await using source = sourceOn(database, { queries: { q: 'SELECT * FROM t -- all' } });
    expect(await idsBySlice(source, 'm', 3)).toHaveLength(3);
    for (const [name, key] of [
      ['m'],
      ['v', 'id'],
      ['v', 'label'],
      ['v', 'score'],
      ['t', 'label'],
      ['q', 'id'],
      ['f', 'id'],
    ] as const) {
      const slices = await idsBySlice(source, name, 4, key);
      expect(sorted(slices.flat())).toEqual(numbers(1, 2000));
      expect(slices.length).toBeGreaterThan(2);
    }
    expect(await idsBySlice(source, 'v', 1)).toHaveLength(1);
    for (const name of ['v', 'q', 'f']) {
      await expect(source.partitions({ name }, 2)).rejects.toMatchObject({
        code: 'unsupported',
        message: /option "key"/,
      });
    }
    await expect(source.partitions({ name: 'v' }, 2, { key: 'ID' })).rejects.toMatchObject({
      code: 'invalid-option',
    });
    await expect(source.partitions({ name: 'nope' }, 2)).rejects.toMatchObject({ code: 'not-found' });
    expect(await readAll(source, 'f')).toHaveLength(2000);
  });

  test('what the role sees through a partitioned table is what it gets in slices', async () => {
    await using database = await leaseDatabase();
    const role = `slicer_of_${database.endpoint.database}`;
    await database.query(`CREATE TABLE t (id int PRIMARY KEY, owner text) PARTITION BY RANGE (id);
      CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (500); CREATE TABLE t_2 PARTITION OF t DEFAULT;
      INSERT INTO t SELECT i, CASE i % 2 WHEN 0 THEN 'me' END FROM generate_series(1, 1000) i;
      CREATE ROLE ${role} LOGIN PASSWORD 'p'; GRANT SELECT ON t TO ${role}`);
    try {
      await using source = sourceOn(database, { user: role, password: 'p' });
      expect(sorted((await idsBySlice(source, 't', 3)).flat())).toEqual(numbers(1, 1000));
      await database.query(`GRANT SELECT ON t_1, t_2 TO ${role}; ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY mine ON t USING (owner = 'me')`);
      const visible = numbers(1, 1000).filter((id) => id % 2 === 0);
      expect(sorted((await idsBySlice(source, 't', 3)).flat())).toEqual(visible);
    } finally {
      await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  test('after what partitions() gave is disposed of, a slice is refused with what to do, and no transaction is left', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 1000) i');
    await using source = sourceOn(database, { maxConnections: 2 });
    const slices = await source.partitions({ name: 't' }, 2);
    const [partition] = slices.partitions as [Partition];
    const transactions = `SELECT FROM pg_stat_activity WHERE datname = current_database()
      AND pid <> pg_backend_pid() AND xact_start IS NOT NULL`;
    expect(await database.query(transactions)).toHaveLength(1);
    await slices[Symbol.asyncDispose]();
    await slices[Symbol.asyncDispose]();
    expect(await database.query(transactions)).toEqual([]);
    await expect(readSlice(source, partition)).rejects.toMatchObject({
      code: 'not-found',
      kind: 'terminal',
      message: /does not exist here.*call partitions\(\) again/,
    });
    expect(await readAll(source, 't')).toHaveLength(1000);
  });

  test('the source that is disposed of takes its snapshots along', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 1000) i');
    await using other = sourceOn(database);
    // On a clock that stands still nothing is broken off for taking too long.
    const source = sourceOn(database, { applicationName: 'holder' }, new VirtualClock());
    const slices = await source.partitions({ name: 't' }, 2);
    expect(await readSlice(other, slices.partitions[0] as Partition)).not.toEqual([]);
    await source[Symbol.asyncDispose]();
    await until(
      async () =>
        (await database.query(`SELECT FROM pg_stat_activity WHERE application_name = 'holder'`)).length === 0,
    );
    await expect(readSlice(other, slices.partitions[0] as Partition)).rejects.toMatchObject({
      code: 'not-found',
    });
    await slices[Symbol.asyncDispose]();
  });

  test('a snapshot of the same name that sees something else is none', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 1000) i');
    await using source = sourceOn(database);
    await using slices = await source.partitions({ name: 't' }, 1);
    const json = JSON.stringify(slices.partitions[0]);
    const other = JSON.parse(json.replace(/\/\d+:/, '/3:')) as Partition;
    await expect(readSlice(source, other)).rejects.toMatchObject({ code: 'not-found' });
  });

  tagged('fault')('a holder whose connection broke has taken the snapshot along', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 1000) i');
    await using source = sourceOn(database, { retry: { initialDelayMs: 1 } });
    await using slices = await source.partitions({ name: 't' }, 2);
    await database.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    await expect(readSlice(source, slices.partitions[0] as Partition)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('while the snapshot is held, its table is not altered, truncated or dropped', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 1000) i');
    await using source = sourceOn(database);
    await using slices = await source.partitions({ name: 't' }, 2);
    for (const sql of ['TRUNCATE t', 'ALTER TABLE t ADD COLUMN x int', 'DROP TABLE t']) {
      await expect(database.query(`SET lock_timeout = '50ms'; ${sql}`)).rejects.toMatchObject({
        code: '55P03',
      });
    }
    const all = await Promise.all(slices.partitions.map((partition) => readSlice(source, partition)));
    expect(all.flat()).toHaveLength(1000);
  });

  test('the server’s limit on idle transactions does not end the snapshot', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 1000) i;
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = 1000', current_database()); END $$`);
    await using source = sourceOn(database);
    await using slices = await source.partitions({ name: 't' }, 2);
    await until(async () => {
      const idle = await database.query(`SELECT FROM pg_stat_activity WHERE datname = current_database()
        AND state = 'idle in transaction' AND clock_timestamp() > state_change + interval '1.2 s'`);
      return idle.length > 0;
    });
    const all = await Promise.all(slices.partitions.map((partition) => readSlice(source, partition)));
    expect(all.flat()).toHaveLength(1000);
  });
});
