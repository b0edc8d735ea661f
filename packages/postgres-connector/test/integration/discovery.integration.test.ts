import type { StreamInfo } from '@sqlflow/connector-contract';
import { describeIntegration, leaseDatabase, tagged } from '@sqlflow/test-harness';
import { readAll, sourceOn } from './sources.js';

function byName(streams: readonly StreamInfo[]): Record<string, StreamInfo> {
  return Object.fromEntries(streams.map((stream) => [stream.name, stream]));
}

describeIntegration('postgres', 'discovery', () => {
  tagged('smoke')(
    'tables, partitioned tables, views, materialised views and foreign tables are listed; partitions are not',
    async () => {
      await using database = await leaseDatabase();
      await database.query(`CREATE TABLE b_table (id int); CREATE VIEW a_view AS SELECT * FROM b_table;
      CREATE MATERIALIZED VIEW c_matview AS SELECT * FROM b_table; CREATE SEQUENCE no_sequence;
      CREATE TABLE d_parted (id int) PARTITION BY RANGE (id);
      CREATE TABLE d_parted_1 PARTITION OF d_parted FOR VALUES FROM (0) TO (10);
      CREATE FOREIGN DATA WRAPPER fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER fdw;
      CREATE FOREIGN TABLE e_foreign (id int) SERVER elsewhere; CREATE INDEX no_index ON b_table (id);
      CREATE SCHEMA other; CREATE TABLE other.f_other (id int)`);
      await using source = sourceOn(database);
      const names = ['a_view', 'b_table', 'c_matview', 'd_parted', 'e_foreign'];
      expect((await source.discover()).map(({ name }) => name)).toEqual(names);
      await using both = sourceOn(database, { schema: ['public', 'other'] });
      expect((await both.discover()).map(({ namespace, name }) => `${namespace}.${name}`)).toEqual([
        'other.f_other',
        ...names.map((name) => `public.${name}`),
      ]);
    },
  );

  test('the schema of discovery is the schema of the batches', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (a int NOT NULL, b numeric(9,3), c interval, d uuid, e jsonb);
      INSERT INTO t VALUES (1)`);
    await using source = sourceOn(database);
    const [stream] = await source.discover();
    for await (const { schema } of source.read({ name: 't' })) {
      expect(schema.fields.map((field) => [String(field), field.nullable, field.metadata])).toEqual(
        stream?.schema.fields.map((field) => [String(field), field.nullable, field.metadata]),
      );
    }
    expect(stream?.schema.fields.map(({ nullable }) => nullable)).toEqual([false, true, true, true, true]);
  });

  test('a primary key is in key order, and a cursor can be what is never null and has one order', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (a int, b uuid, at timestamptz NOT NULL, score float8 NOT NULL,
      label text NOT NULL, amount numeric NOT NULL, maybe int, PRIMARY KEY (b, a)); CREATE UNIQUE INDEX ON t (maybe)`);
    await using source = sourceOn(database);
    expect(await source.discover()).toMatchObject([
      { primaryKey: ['b', 'a'], cursorCandidates: ['a', 'b', 'at', 'amount'] },
    ]);
  });

  test('estimates are the server’s own, absent until it has counted, and a partitioned table has those of its parts', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE counted AS SELECT i FROM generate_series(1, 10000) i;
      CREATE TABLE uncounted AS SELECT 1 AS i; CREATE VIEW viewed AS SELECT 1 AS i;
      CREATE TABLE parted (i int) PARTITION BY RANGE (i);
      CREATE TABLE p1 PARTITION OF parted FOR VALUES FROM (0) TO (5001);
      CREATE TABLE p2 PARTITION OF parted FOR VALUES FROM (5001) TO (20000) PARTITION BY RANGE (i);
      CREATE TABLE p21 PARTITION OF p2 FOR VALUES FROM (5001) TO (20000);
      INSERT INTO parted SELECT * FROM counted; ANALYZE counted; ANALYZE p1; ANALYZE p21`);
    await using source = sourceOn(database);
    const { counted, uncounted, viewed, parted } = byName(await source.discover());
    expect(counted?.estimatedRows).toBe(10_000);
    expect(counted?.estimatedBytes).toBeGreaterThan(10_000 * 28);
    expect(parted?.estimatedRows).toBe(10_000);
    expect(parted?.estimatedBytes).toBeGreaterThan(10_000 * 28);
    for (const none of [uncounted, viewed]) {
      expect(none).toBeDefined();
      expect(none).not.toHaveProperty('estimatedRows');
      expect(none).not.toHaveProperty('estimatedBytes');
    }
  });

  test('a role sees what it may read, column by column', async () => {
    await using database = await leaseDatabase();
    const role = `reader_of_${database.endpoint.database}`;
    await database.query(`CREATE TABLE open (a int); CREATE TABLE closed (a int);
      CREATE TABLE half (a int, secret int, PRIMARY KEY (a, secret)); INSERT INTO half VALUES (1, 2);
      CREATE SCHEMA hidden; CREATE TABLE hidden.t (a int);
      CREATE ROLE ${role} LOGIN PASSWORD 'hunter2'; GRANT USAGE ON SCHEMA public TO ${role};
      GRANT SELECT ON open, hidden.t TO ${role}; GRANT SELECT (a) ON half TO ${role}`);
    try {
      await using source = sourceOn(database, {
        user: role,
        password: 'hunter2',
        schema: ['public', 'hidden'],
      });
      expect(
        (await source.discover()).map(({ name, schema, primaryKey }) => [name, schema.names, primaryKey]),
      ).toEqual([
        ['half', ['a'], []],
        ['open', ['a'], []],
      ]);
      expect(await readAll(source, 'half')).toEqual([{ a: 1 }]);
      const refused = { code: 'permission-denied', kind: 'terminal' };
      await expect(readAll(source, 'half', { columns: ['secret'] })).rejects.toMatchObject(refused);
      await expect(readAll(source, 'closed')).rejects.toMatchObject(refused);
      expect(await source.testConnection()).toMatchObject({
        ok: false,
        failedStage: 'privilege',
        failureCode: 'permission-denied',
      });
    } finally {
      await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  test('a table that is locked does not hold discovery up', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (a int)');
    await database.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
    await using source = sourceOn(database);
    expect(await source.discover()).toMatchObject([{ name: 't' }]);
    await database.query('COMMIT');
  });
});
