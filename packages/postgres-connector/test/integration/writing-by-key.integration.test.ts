import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import { destinationOn, stored } from './destinations.js';
import { session } from './incremental-reads.js';
import { until } from './sources.js';

const upsert = { mode: 'upsert', key: ['id'] } as const;
const remove = { mode: 'delete', key: ['id'] } as const;

describeIntegration('postgres', 'writing by key', () => {
  test('of several rows with one key the last one counts, in one batch and across them, or none on request', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (id int8 PRIMARY KEY, v text)');
    await using destination = destinationOn(database);
    // More than one block of rows.
    const many = Array.from({ length: 9_000 }, (_, index) => ({
      id: BigInt(index % 4_000),
      v: String(index),
    }));
    expect(await destination.writeRows({ name: 't' }, many, upsert)).toEqual({ rows: 9_000 });
    expect(
      await database.query(`SELECT min(v::int) AS least, max(v::int) AS most, count(*)::int AS count FROM t`),
    ).toEqual([{ least: 5_000, most: 8_999, count: 4_000 }]);
    for (const mode of ['upsert', 'delete'] as const) {
      await expect(
        destination.writeRows({ name: 't' }, many, { mode, key: ['id'], duplicateKeys: 'error' }),
      ).rejects.toMatchObject({ code: 'invalid-data', kind: 'terminal', effect: 'none' });
    }
    await destination.writeRows({ name: 't' }, many.slice(0, 4_000), { ...upsert, duplicateKeys: 'error' });
  });

  test('a row that another transaction inserts while an upsert waits for it is updated', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int8 PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'old')`);
    await using destination = destinationOn(database);
    await using other = await session(database);
    await other.query(`BEGIN; INSERT INTO t VALUES (2, 'theirs')`);
    const rows = [1n, 2n, 3n].map((id) => ({ id, v: 'ours' }));
    const written = destination.writeRows({ name: 't' }, rows, upsert);
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await database.query(waiting)).length > 0);
    await other.query('COMMIT');
    expect(await written).toEqual({ rows: 3 });
    expect(await stored(database, 't')).toEqual([1, 2, 3].map((id) => ({ id, v: 'ours' })));
  });

  test('keys that an index tells apart are two, though the collation of the column takes them for one', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE COLLATION ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE t (id text COLLATE ignoring_case NOT NULL, v int4); CREATE UNIQUE INDEX ON t (id COLLATE "C");
      INSERT INTO t VALUES ('a', 1), ('A', 1)`);
    await using destination = destinationOn(database);
    await destination.writeRows({ name: 't' }, [{ id: 'a', v: 2 }], upsert);
    expect(await database.query('SELECT v FROM t ORDER BY v')).toEqual([{ v: 1 }, { v: 2 }]);
  });

  test('a table of nothing but its key takes an upsert, and columns that are not given stay as they are', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE k (id int8 PRIMARY KEY); CREATE TABLE t (id int8 PRIMARY KEY, a int4, b int4);
      INSERT INTO k VALUES (1); INSERT INTO t VALUES (1, 1, 1)`);
    await using destination = destinationOn(database);
    await destination.writeRows({ name: 'k' }, [{ id: 1n }, { id: 2n }, { id: 2n }], upsert);
    expect(await stored(database, 'k')).toEqual([{ id: 1 }, { id: 2 }]);
    await destination.writeRows({ name: 't' }, [{ id: 1n, a: 2 }], upsert);
    expect(await stored(database, 't')).toEqual([{ id: 1, a: 2, b: 1 }]);
  });

  test('keys of types that are sent as text, and with a collation that takes two texts for one', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE COLLATION ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE a (id inet PRIMARY KEY, v int4);
      CREATE TABLE c (id text COLLATE ignoring_case PRIMARY KEY, v int4)`);
    await using destination = destinationOn(database);
    const [first, last] = [
      { id: '10.0.0.1', v: 1 },
      { id: '10.0.0.1/32', v: 2 },
    ];
    await destination.writeRows({ name: 'a' }, [first, last], upsert);
    expect(await stored(database, 'a')).toEqual([{ id: '10.0.0.1', v: 2 }]);
    await destination.writeRows({ name: 'a' }, [{ id: first.id }], remove);
    expect(await stored(database, 'a')).toEqual([]);
    await destination.writeRows(
      { name: 'c' },
      [
        { id: 'Key', v: 1 },
        { id: 'kEY', v: 2 },
      ],
      upsert,
    );
    expect(await database.query('SELECT v FROM c')).toEqual([{ v: 2 }]);
  });

  test('without a unique index of just the key an upsert is refused, saying which one it needs', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int8, part int4); CREATE UNIQUE INDEX ON t (id, part);
      CREATE UNIQUE INDEX ON t (id) WHERE part = 1; CREATE INDEX ON t (id)`);
    await using destination = destinationOn(database);
    await expect(destination.writeRows({ name: 't' }, [{ id: 1n }], upsert)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('CREATE UNIQUE INDEX ON "public"."t" ("id")') as string,
    });
    await destination.writeRows({ name: 't' }, [{ id: 1n, part: 2 }], {
      mode: 'upsert',
      key: ['part', 'id'],
    });
    expect(await stored(database, 't')).toEqual([{ id: 1, part: 2 }]);
  });

  test('rows are deleted by their keys, whatever else they carry and whether they are there', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int8, kind text, v int4 NOT NULL);
      INSERT INTO t VALUES (1, 'a', 1), (1, 'b', 1), (2, 'a', 1), (3, 'a', 1), (3, 'a', 2)`);
    await using destination = destinationOn(database);
    const gone = [
      { kind: 'a', id: 1n, note: 'not a column' },
      { kind: 'a', id: 3n, note: '' },
      { kind: 'z', id: 9n, note: '' },
    ];
    const checkpoint = { format: 'test', version: 1, position: 7 };
    const report = await destination.writeRows({ name: 't' }, gone, {
      mode: 'delete',
      key: ['id', 'kind'],
      checkpoint,
    });
    expect(report).toEqual({ rows: 3 });
    expect(await stored(database, 't')).toEqual([
      { id: 1, kind: 'b', v: 1 },
      { id: 2, kind: 'a', v: 1 },
    ]);
    expect(await destination.committedCheckpoint({ name: 't' })).toEqual(checkpoint);
    await expect(
      destination.writeRows({ name: 't' }, [{ id: 1n }], { mode: 'delete', key: ['id', 'kind'] }),
    ).rejects.toMatchObject({ code: 'invalid-data', effect: 'none' });
  });

  test('a NULL in a key is refused, since it is equal to nothing', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (id int8 UNIQUE, v int4)');
    await using destination = destinationOn(database);
    for (const mode of ['upsert', 'delete'] as const) {
      await expect(
        destination.writeRows({ name: 't' }, [{ id: null, v: 1 }], { mode, key: ['id'] }),
      ).rejects.toMatchObject({
        code: 'invalid-data',
        message: expect.stringContaining('of the key') as string,
      });
    }
  });
});
