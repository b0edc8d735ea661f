import { type Checkpoint, ConnectorError, type Row, rowsOf } from '@sqlflow/connector-contract';
import type { PostgresResumableOptions, PostgresSource } from '@sqlflow/postgres-connector';
import { describeIntegration, leaseDatabase, tagged, toxicLink } from '@sqlflow/test-harness';
import { readAll, sourceOn } from './sources.js';

interface Part {
  readonly rows: readonly Row[];
  readonly checkpoint: Checkpoint | undefined;
}

/** Reads as many batches as wanted, and says where the read stands; the checkpoint has been through JSON. */
async function readSome(
  source: PostgresSource,
  name: string,
  batches: number,
  options: PostgresResumableOptions = {},
): Promise<Part> {
  const rows: Row[] = [];
  let checkpoint = options.checkpoint;
  for await (const part of source.readResumable({ name }, options)) {
    rows.push(...rowsOf(part.batch));
    checkpoint = JSON.parse(JSON.stringify(part.checkpoint)) as Checkpoint;
    if (--batches === 0) break;
  }
  return { rows, checkpoint };
}

/** Reads a stream one batch at a time, each as if the one before had been killed. */
async function readInPieces(
  source: PostgresSource,
  name: string,
  options: PostgresResumableOptions,
): Promise<Row[]> {
  const all: Row[] = [];
  let checkpoint: Checkpoint | undefined;
  for (;;) {
    const part = await readSome(source, name, 1, { ...options, ...(checkpoint && { checkpoint }) });
    if (part.rows.length === 0) return all;
    all.push(...part.rows);
    ({ checkpoint } = part);
  }
}

function idsOf(rows: readonly Row[]): number[] {
  return rows.map((row) => Number(row['id']));
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

describeIntegration('postgres', 'resumable reads', () => {
  tagged('smoke')(
    'a read that is killed after any batch goes on from there, and the union is the table',
    async () => {
      await using database = await leaseDatabase();
      await database.query(`CREATE TABLE t (a int, id int, label text, PRIMARY KEY (a, id));
      INSERT INTO t SELECT i % 7, i, 'no ' || i FROM generate_series(1, 100) i`);
      await using source = sourceOn(database);
      const pieces = await readInPieces(source, 't', { batchRows: 9 });
      expect(pieces).toEqual((await readSome(source, 't', Infinity)).rows);
      expect(idsOf(pieces).sort((a, b) => a - b)).toEqual(numbers(1, 100));
      const [first] = pieces;
      expect(Object.keys(first ?? {})).toEqual(['a', 'id', 'label']);
      const some = {
        batchRows: 9,
        columns: ['label'],
        filter: [{ column: 'id', op: '>', value: 50 }],
      } as const;
      const labels = (await readInPieces(source, 't', some)).map((row) => JSON.stringify(row));
      expect(labels.sort()).toEqual(
        numbers(51, 100)
          .map((id) => JSON.stringify({ label: `no ${String(id)}` }))
          .sort(),
      );
      const bare = await readInPieces(source, 't', { batchRows: 9, columns: [] });
      expect(bare).toHaveLength(100);
    },
  );

  const keys: readonly (readonly [type: string, values: string])[] = [
    ['int8', '-9223372036854775808, 0, 9007199254740993, 9223372036854775807'],
    ['numeric', `'NaN', '-Infinity', 'Infinity', 0.1, 0.10000000000000000001, -5, 1e30`],
    ['float8', `'NaN', '-Infinity', 'Infinity', 0.1, 0.30000000000000004, 0.3, -0.0, 5e-324`],
    ['float4', `'NaN', 0.1, 16777216, 16777218`],
    [
      'timestamptz',
      `'infinity', '-infinity', '0044-03-15 BC', '2024-01-01 00:00:00.000001Z', '2024-01-01 00:00:00.000002Z'`,
    ],
    [
      'timestamp',
      `'2024-01-01 00:00:00.000001', '2024-01-01 00:00:00.000002', '294246-12-31 23:59:59.999999'`,
    ],
    ['date', `'infinity', '-infinity', '0044-03-15 BC', '5874897-12-31'`],
    [
      'uuid',
      `'00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'a0000000-0000-0000-0000-000000000000'`,
    ],
    ['text COLLATE "C"', `'', 'a', 'B', 'b', 'ä', ' ', '\uFEFFx', 'x', '😀'`],
    ['text COLLATE "en-x-icu"', `'', 'a', 'B', 'b', 'ä', 'co-op', 'coop', 'co op', 'résumé', 'resume'`],
    ['text COLLATE nocase', `'', 'a', 'B', 'c', 'Ä', 'z'`],
    ['varchar(3)', `'', 'a', 'ab', 'abc'`],
    ['char(3)', `'', 'a', 'ab', 'abc'`],
    ['name', `'a', 'B', '${'x'.repeat(63)}'`],
    ['bytea', `'', '\\x00', '\\x00ff', '\\xff'`],
    ['bool', 'true, false'],
    ['mood', `'sad', 'happy', 'ok'`],
    ['positive', '1, 2, 3'],
    ['interval', `'1 month', '30 days 1 second', '29 days', '-1 year'`],
    ['inet', `'10.0.0.1', '::1', '9.0.0.0/8'`],
    ['int[]', `'{}', '{1}', '{1,NULL}', '{2,1}'`],
  ];

  test('keys of every type come in one order, each row once, wherever the read is ended', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
      CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`);
    await using source = sourceOn(database);
    for (const [type, values] of keys) {
      await database.query(`DROP TABLE IF EXISTS t; CREATE TABLE t (k ${type} PRIMARY KEY, id serial)`);
      await database.query(
        `INSERT INTO t (k) VALUES ${values
          .split(', ')
          .map((value) => `(${value})`)
          .join(', ')}`,
      );
      const expected = (await database.query('SELECT id FROM t ORDER BY k')).map((row) => row['id']);
      expect([type, idsOf(await readInPieces(source, 't', { batchRows: 1 }))]).toEqual([type, expected]);
      expect([type, idsOf(await readInPieces(source, 't', { batchRows: 2 }))]).toEqual([type, expected]);
    }
  });

  test('the key is the primary one, else a unique one of columns that are never null', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int NOT NULL, maybe int UNIQUE, code int NOT NULL, half int NOT NULL);
      CREATE UNIQUE INDEX ON t (half) WHERE half > 5; CREATE UNIQUE INDEX ON t ((half + 1));
      INSERT INTO t SELECT i, nullif(i, 3), 100 - i, i FROM generate_series(1, 20) i`);
    await using source = sourceOn(database);
    await expect(readSome(source, 't', 1)).rejects.toMatchObject({
      code: 'unsupported',
      message:
        /no primary key and no unique index on columns that are never null.*option "key".*"id", "maybe"/,
    });
    await database.query('CREATE UNIQUE INDEX ON t (code)');
    const { rows, checkpoint } = await readSome(source, 't', 1, { batchRows: 5 });
    expect(idsOf(rows)).toEqual([20, 19, 18, 17, 16]);
    expect(checkpoint).toMatchObject({ format: 'postgres/full', version: 1 });
    await database.query('ALTER TABLE t ADD PRIMARY KEY (id)');
    expect(idsOf((await readSome(source, 't', 1, { batchRows: 2 })).rows)).toEqual([1, 2]);
    const named = await readInPieces(source, 't', { key: ['half', 'id'], batchRows: 3 });
    expect(idsOf(named)).toEqual(numbers(1, 20));
  });

  test('a key that does not tell rows apart is found out before a row can be lost', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE heir () INHERITS (parent);
      INSERT INTO parent SELECT generate_series(1, 10); INSERT INTO heir SELECT generate_series(5, 15);
      CREATE TABLE t (id int, maybe int UNIQUE); INSERT INTO t VALUES (1, 1), (2, 2), (3, NULL);
      CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE n (id int, name text COLLATE nocase NOT NULL); CREATE UNIQUE INDEX ON n (name COLLATE "C");
      INSERT INTO n VALUES (1, 'a'), (2, 'A'); CREATE VIEW v AS SELECT id / 3 AS key, id FROM parent`);
    await using source = sourceOn(database, { queries: { q: 'SELECT * FROM v' } });
    await expect(readSome(source, 'parent', 1)).rejects.toMatchObject({ code: 'unsupported' });
    await expect(readSome(source, 'n', 1)).rejects.toMatchObject({ code: 'unsupported' });
    for (const name of ['v', 'q']) {
      await expect(readSome(source, name, Infinity, { key: ['key'], batchRows: 1 })).rejects.toMatchObject({
        code: 'invalid-data',
        message: /two rows have the same "key"/,
      });
      expect(idsOf(await readInPieces(source, 'v', { key: ['key', 'id'], batchRows: 4 }))).toHaveLength(21);
      await expect(readSome(source, name, 1)).rejects.toMatchObject({ code: 'unsupported' });
    }
    for (const batches of [1, Infinity]) {
      await expect(readSome(source, 't', batches, { key: ['maybe'], batchRows: 1 })).rejects.toMatchObject({
        code: 'invalid-data',
        message: /null in a column of its key/,
      });
    }
  });

  test('a checkpoint of another stream, key, format, version or type is refused', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int PRIMARY KEY, code int UNIQUE NOT NULL); INSERT INTO t SELECT i, i FROM generate_series(1, 9) i;
      CREATE TABLE u (id int PRIMARY KEY)`);
    await using source = sourceOn(database);
    const { checkpoint } = await readSome(source, 't', 1, { batchRows: 2 });
    if (checkpoint === undefined) throw new Error('there is no checkpoint');
    const refused = async (
      name: string,
      options: PostgresResumableOptions,
      message: RegExp,
    ): Promise<void> => {
      await expect(readSome(source, name, 1, { checkpoint, ...options })).rejects.toMatchObject({
        code: 'invalid-option',
        message,
      });
    };
    await refused('u', {}, /not one of "public"."u"/);
    await refused('t', { key: ['code'] }, /another key than "code" integer/);
    await refused(
      't',
      { checkpoint: { ...checkpoint, format: 'postgres/incremental' } },
      /the format "postgres\/incremental"/,
    );
    await refused('t', { checkpoint: { ...checkpoint, version: 2 } }, /the version 2/);
    await refused(
      't',
      { checkpoint: { ...checkpoint, position: { ...(checkpoint.position as object), after: [] } } },
      /damaged/,
    );
    await database.query('ALTER TABLE t ALTER id TYPE text');
    await refused('t', {}, /another key than "id" text/);
  });

  test('what is inserted, updated, deleted or given another key meanwhile comes as is promised', async () => {
    await using database = await leaseDatabase();
    await database.query(
      `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i * 10, 'old' FROM generate_series(1, 10) i`,
    );
    await using source = sourceOn(database);
    const first = await readSome(source, 't', 1, { batchRows: 5 });
    await database.query(`INSERT INTO t VALUES (15, 'new'), (75, 'new'); UPDATE t SET v = 'changed' WHERE id IN (20, 60);
      DELETE FROM t WHERE id IN (30, 80); UPDATE t SET id = 105 WHERE id = 10; UPDATE t SET id = 5 WHERE id = 70`);
    const rest = await readSome(source, 't', Infinity, {
      batchRows: 5,
      ...(first.checkpoint && { checkpoint: first.checkpoint }),
    });
    const all = [...first.rows, ...rest.rows].map((row) => `${String(row['id'])} ${String(row['v'])}`);
    expect(all).toEqual([
      ...['10 old', '20 old', '30 old', '40 old', '50 old'], // as of the first read: neither the update nor the deletion
      ...['60 changed', '75 new', '90 old', '100 old', '105 old'], // 15 and 5 are behind, 10 came again as 105, 80 is gone
    ]);
  });

  test('what stays under its key comes exactly once, whatever a writer does to the rest and to its other columns', async () => {
    await using database = await leaseDatabase();
    await database.query(
      `CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT i, 0 FROM generate_series(1, 2000) i`,
    );
    await using source = sourceOn(database);
    const over = new AbortController();
    const writing = (async () => {
      for (let round = 1; !over.signal.aborted; round++) {
        await database.query(`UPDATE t SET v = v + 1 WHERE id % 7 = ${String(round % 7)};
          DELETE FROM t WHERE id > 2000; DELETE FROM t WHERE id % 2 = 1 AND id % 5 = ${String(round % 5)}; UPDATE t SET id = 5001 - id WHERE id % 2 = 1 AND id % 3 = 0;
          INSERT INTO t SELECT i, 0 FROM generate_series(1, 1999, 2) i ON CONFLICT DO NOTHING`);
      }
    })();
    const even = idsOf(await readInPieces(source, 't', { batchRows: 50 })).filter(
      (id) => id % 2 === 0 && id <= 2000,
    );
    over.abort();
    await writing;
    expect(even).toEqual(numbers(1, 1000).map((half) => 2 * half));
  }, 60_000);

  test('with the snapshot of partitions(), all reads together are exactly what it holds', async () => {
    await using database = await leaseDatabase();
    await database.query(
      `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, 'old' FROM generate_series(1, 100) i`,
    );
    await using holder = sourceOn(database);
    const slices = await holder.partitions({ name: 't' }, 1);
    const { snapshot } = slices;
    const pieces: Row[] = [];
    let checkpoint: Checkpoint | undefined;
    for (let round = 0; round < 10; round++) {
      await using source = sourceOn(database);
      const part = await readSome(source, 't', 1, {
        batchRows: 10,
        snapshot,
        ...(checkpoint && { checkpoint }),
      });
      pieces.push(...part.rows);
      ({ checkpoint } = part);
      await database.query(
        `UPDATE t SET v = 'new', id = -id WHERE id % 10 = ${String(round)}; INSERT INTO t VALUES (1000 + ${String(round)})`,
      );
    }
    expect(pieces).toEqual(numbers(1, 100).map((id) => ({ id, v: 'old' })));
    await slices[Symbol.asyncDispose]();
    await using source = sourceOn(database);
    await expect(readSome(source, 't', 1, { snapshot })).rejects.toMatchObject({ code: 'not-found' });
  });

  tagged('fault')(
    'a connection that breaks between batches is replaced, and no batch is lost or repeated',
    async () => {
      await using database = await leaseDatabase();
      await database.query(`CREATE TABLE t (id int PRIMARY KEY, filler text);
      INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i;
      CREATE VIEW v AS SELECT * FROM t`);
      for (const name of ['t', 'v']) {
        await using source = sourceOn(database, { retry: { maxAttempts: 2, initialDelayMs: 1 } });
        const ids: number[] = [];
        let batches = 0;
        for await (const { batch } of source.readResumable({ name }, { batchRows: 1000, key: ['id'] })) {
          ids.push(...idsOf([...rowsOf(batch)]));
          if (batches++ % 5 === 0) {
            await database.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`);
          }
        }
        expect(ids).toEqual(numbers(1, 20_000));
      }
    },
    60_000,
  );

  tagged('fault')(
    'a link that is cut at any byte loses no row and repeats none',
    async () => {
      await using database = await leaseDatabase();
      await database.query(`CREATE TABLE t (id int PRIMARY KEY, filler text);
      INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 5000) i`);
      await using link = await toxicLink(database.endpoint);
      link.add({ type: 'reset_peer', direction: 'downstream', afterBytes: 200_000 });
      const { user, password, database: name } = database.endpoint;
      await using source = sourceOn(database, {
        host: link.endpoint.host,
        port: link.endpoint.port,
        user,
        password,
        database: name,
        retry: { maxAttempts: 2, initialDelayMs: 1 },
      });
      const { rows } = await readSome(source, 't', Infinity, { batchRows: 100 });
      expect(idsOf(rows)).toEqual(numbers(1, 5000));
    },
    60_000,
  );

  tagged('fault')(
    'a failure that comes back without a batch in between ends the read, and so does one that is no use to retry',
    async () => {
      await using database = await leaseDatabase();
      await database.query(`CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 10);
      CREATE VIEW v AS SELECT id, 1 / (8 - id) AS x FROM t`);
      await using source = sourceOn(database, { retry: { maxAttempts: 2, initialDelayMs: 1 } });
      await expect(readSome(source, 'v', Infinity, { key: ['id'], batchRows: 2 })).rejects.toMatchObject({
        code: 'invalid-data',
      });
      await using short = sourceOn(database, {
        statementTimeoutMs: 30,
        retry: { maxAttempts: 2, initialDelayMs: 1 },
      });
      await database.query('CREATE VIEW slow AS SELECT 1 AS id, pg_sleep(600)::text AS x');
      await expect(readSome(short, 'slow', Infinity, { key: ['id'] })).rejects.toMatchObject({
        code: 'timeout',
      });
    },
  );

  test('a table that is altered while it is read ends the read', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int PRIMARY KEY, filler text);
      INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i`);
    await using source = sourceOn(database, { retry: { initialDelayMs: 1 } });
    const reading = source.readResumable({ name: 't' }, { batchRows: 100 });
    await reading.next();
    await database.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';
      ALTER TABLE t ADD COLUMN more int`);
    const rest = (async () => {
      for await (const { batch } of reading) expect(batch.schema.names).toEqual(['id', 'filler']);
    })();
    await expect(rest).rejects.toMatchObject({ code: 'conflict', kind: 'terminal' });
  });

  test('an abort is thrown as its reason, leaving the loop ends the query, and an empty table gives nothing', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int PRIMARY KEY, filler text); CREATE TABLE nothing (id int PRIMARY KEY);
      INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i`);
    await using source = sourceOn(database);
    const abort = new AbortController();
    const reading = source.readResumable({ name: 't' }, { batchRows: 100, signal: abort.signal });
    await reading.next();
    abort.abort('enough');
    await expect(reading.next()).rejects.toBe('enough');
    await readSome(source, 't', 1, { batchRows: 100 });
    const running = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`;
    expect(await database.query(running)).toEqual([]);
    expect((await readSome(source, 'nothing', Infinity)).rows).toEqual([]);
    expect(await readAll(source, 'nothing')).toEqual([]);
    await expect(readSome(source, 'nope', 1)).rejects.toBeInstanceOf(ConnectorError);
  });
});
