import { ConnectorError, rows } from '@sqlflow/connector-contract';
import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import { Int64, type RecordBatch, Table, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { destinationOn, stored } from './destinations.js';
import { readAll, sourceOn } from './sources.js';

/** Batches of columns, each with its values. */
function batchesOf(columns: Record<string, Vector>): RecordBatch[] {
  return new Table(columns).batches;
}

const append = { mode: 'append' } as const;

describeIntegration('postgres', 'writing', () => {
  test('what a source reads of a table with columns of many types is written to another as it was', async () => {
    await using database = await leaseDatabase();
    await database.query(`
      CREATE TYPE mood AS ENUM ('sad', 'happy ☺');
      CREATE DOMAIN positive AS int CHECK (VALUE > 0);
      CREATE TYPE pair AS (a positive, "b ""c" text, m mood[], r tstzrange);
      CREATE TABLE original (id int8 PRIMARY KEY, b bool, i2 int2, i4 int4, f4 real, f8 float8, n numeric, n2 numeric(12,3),
        t text, v varchar(9), c char(5), na name, j json, jb jsonb, by bytea, d date, ts timestamp(3), tz timestamptz,
        u uuid, m mood, p positive, iv interval, ar int[], tx text[], ms mood[], r int4range, ip inet, bi bit(3), mo money,
        ti time, tt timetz, x xml, o oid, x8 xid8, rs numrange[], mr int4multirange, dm daterange, pt pair, ps pair[], ch "char");
      INSERT INTO original VALUES (1, true, -5, 7, 'NaN', '-Infinity', '1e-20', 12.345, 'ü€', 'abc', 'ab', 'nm',
        '{"a":  1}', '{"b":[1,2]}', '\\x00ff', '-infinity', '2024-01-31 10:00:00.123', '0044-03-15 12:00:00+00 BC',
        '6f2c1a4e-8d3b-4c5d-9e6f-0a1b2c3d4e5f', 'happy ☺', 5, '1 mon -3 days 04:05:06.789', '{1,NULL,3}',
        '{"a,b",NULL,"\\""}', '{sad,"happy ☺"}', '[1,9)', '10.0.0.1/8', '101', '12.50', '24:00:00', '10:00:00+02', '<a/>', 42, '18446744073709551615', '{"[1.5,2)",empty,"(,3]",NULL}', '{[1,3),[5,)}',
        '(-infinity,2024-01-31)', ROW(5, 'x,"y', '{sad}', '[2024-01-31 10:00+00,)'), ARRAY[ROW(1, NULL, NULL, NULL)::pair, NULL], 'ü'::"char");
      INSERT INTO original (id) VALUES (2);
      CREATE TABLE copy_of_batches (LIKE original);
      CREATE TABLE copy_of_rows (LIKE original)`);
    await using source = sourceOn(database);
    await using destination = destinationOn(database);
    const batches = source.read({ name: 'original' });
    expect(await destination.write({ name: 'copy_of_batches' }, batches, append)).toEqual({ rows: 2 });
    const objects = rows(source.read({ name: 'original' }));
    expect(await destination.writeRows({ name: 'copy_of_rows' }, objects, append)).toEqual({ rows: 2 });
    const differences = `(TABLE original EXCEPT ALL TABLE %) UNION ALL (TABLE % EXCEPT ALL TABLE original)`;
    const asText = (table: string) => `SELECT t::text FROM ${table} t`;
    for (const copy of ['copy_of_batches', 'copy_of_rows']) {
      const sql = differences
        .replaceAll('TABLE %', asText(copy))
        .replaceAll('TABLE original', asText('original'));
      expect(await database.query(sql)).toEqual([]);
    }
  });

  test('a table is created with the types that its batches had, and the key as primary key', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TYPE mood AS ENUM ('sad');
      CREATE TABLE original (id int8 PRIMARY KEY, amount numeric(12,2) NOT NULL, at timestamptz(3), m mood, tags varchar(10)[],
        "odd ""name" text);
      INSERT INTO original VALUES (1, 1.5, now(), 'sad', '{a}', 'x')`);
    await using source = sourceOn(database);
    await using destination = destinationOn(database);
    await destination.write({ name: 'made' }, source.read({ name: 'original' }), {
      ...append,
      key: ['id'],
      createTable: true,
    });
    const columns = (table: string) =>
      database.query(`SELECT attname, format_type(atttypid, atttypmod) AS type, attnotnull FROM pg_attribute
        WHERE attrelid = '${table}'::regclass AND attnum > 0 ORDER BY attnum`);
    expect(await columns('made')).toEqual(await columns('original'));
    expect(await stored(database, 'made')).toEqual(await stored(database, 'original'));
    await expect(
      destination.write({ name: 'made' }, source.read({ name: 'original' }), {
        ...append,
        createTable: true,
      }),
    ).rejects.toMatchObject({ code: 'invalid-data', effect: 'none', serverCode: '23505' });
    // Nothing to take columns from.
    await destination.write({ name: 'not_made' }, [], { ...append, createTable: true });
    expect(await database.query(`SELECT to_regclass('not_made') AS found`)).toEqual([{ found: null }]);
  });

  test('a type that batches bring along is not trusted to be one', async () => {
    await using database = await leaseDatabase();
    await using destination = destinationOn(database);
    const [batch] = batchesOf({ id: vectorFromArray([1n], new Int64()) });
    const hostile = [
      'int); DROP TABLE kept; --',
      'no_such_type',
      'int) --',
      '(select 1)',
      'numeric(2,1',
      'int "x',
      '',
    ];
    await database.query('CREATE TABLE kept ()');
    for (const [index, type] of hostile.entries()) {
      batch!.schema.fields[0]!.metadata.set('postgres:type', type);
      await destination
        .write({ name: `made_${String(index)}` }, [batch!], { ...append, createTable: true })
        .catch((error: unknown) => expect(error).toBeInstanceOf(ConnectorError));
    }
    expect(await database.query('TABLE kept')).toEqual([]);
  });

  test('columns are added on request, and refused as drift without', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (id int8 PRIMARY KEY); INSERT INTO t VALUES (1)');
    await using destination = destinationOn(database);
    const batches = batchesOf({
      id: vectorFromArray([2n], new Int64()),
      note: vectorFromArray(['new'], new Utf8()),
    });
    await expect(destination.write({ name: 't' }, batches, append)).rejects.toMatchObject({
      code: 'invalid-data',
      kind: 'terminal',
      effect: 'none',
      message: expect.stringMatching(/"public"\."t" has no column "note".*addColumns/) as string,
    });
    await destination.write({ name: 't' }, batches, { ...append, addColumns: true });
    expect(await stored(database, 't')).toEqual([
      { id: 1, note: null },
      { id: 2, note: 'new' },
    ]);
  });

  test('columns that the server computes take no value; those with a default may be left out', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int4 NOT NULL,
      twice int4 GENERATED ALWAYS AS (2 * a) STORED, made text NOT NULL DEFAULT 'by default', list int4[])`);
    await using destination = destinationOn(database);
    await destination.writeRows({ name: 't' }, [{ a: 1 }], append);
    await destination.writeRows({ name: 't' }, [{ id: 2n, a: 2, list: '{1,2}' }], append);
    await destination.writeRows({ name: 't' }, [{ id: 1, a: 3 }], { mode: 'upsert', key: ['id'] });
    expect(await stored(database, 't')).toEqual([
      { id: 1, a: 3, twice: 6, made: 'by default', list: null },
      { id: 2, a: 2, twice: 4, made: 'by default', list: [1, 2] },
    ]);
    await expect(destination.writeRows({ name: 't' }, [{ a: 1, twice: 2 }], append)).rejects.toMatchObject({
      code: 'invalid-data',
      message: expect.stringContaining('the server computes "twice"') as string,
    });
  });

  test('partitions and triggers do their work', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int8, part int4, seen text, PRIMARY KEY (id, part)) PARTITION BY LIST (part);
      CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2);
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.seen := TG_OP; RETURN NEW; END $$;
      CREATE TRIGGER see BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION see()`);
    await using destination = destinationOn(database);
    const key = ['id', 'part'];
    await destination.writeRows({ name: 't' }, [{ id: 1n, part: 1, seen: null }], append);
    await destination.writeRows(
      { name: 't' },
      [
        { id: 1n, part: 1, seen: null },
        { id: 2n, part: 2, seen: null },
      ],
      { mode: 'upsert', key },
    );
    expect(await stored(database, 't')).toEqual([
      { id: 1, part: 1, seen: 'UPDATE' },
      { id: 2, part: 2, seen: 'INSERT' },
    ]);
  });

  test('a view is refused, and a number that does not fit is, without a word of the value', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (id int4); CREATE VIEW v AS TABLE t');
    await using destination = destinationOn(database);
    await expect(destination.writeRows({ name: 'v' }, [{ id: 1 }], append)).rejects.toMatchObject({
      code: 'unsupported',
    });
    const batches = batchesOf({ id: vectorFromArray([1n, 77_777_777_777n], new Int64()) });
    const failure = await destination.write({ name: 't' }, batches, append).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'invalid-data', kind: 'terminal', effect: 'none' });
    expect(String(failure)).toMatch(/row 1 \(from 0 on\): column "id" has a value that is no integer/);
    expect(String(failure)).not.toContain('77777');
    expect(await stored(database, 't')).toEqual([]);
  });

  test('a replace is not seen by a snapshot that is older', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int8); INSERT INTO t VALUES (1), (2)`);
    await using destination = destinationOn(database);
    await using source = sourceOn(database);
    const before = source.read({ name: 't' }, { batchRows: 1 });
    await before.next();
    await destination.writeRows({ name: 't' }, [{ id: 3n }], { mode: 'replace' });
    expect((await before.next()).value).toMatchObject({ numRows: 1 });
    expect(await readAll(source, 't')).toEqual([{ id: 3n }]);
  });

  test('two replaces at once leave the rows of one of them', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (id int8)');
    await using destination = destinationOn(database);
    const block = (first: bigint) => [{ id: first }, { id: first + 1n }];
    await Promise.all(
      [10n, 20n, 30n].map((first) => destination.writeRows({ name: 't' }, block(first), { mode: 'replace' })),
    );
    const ids = (await stored(database, 't')).map(({ id }) => Number(id));
    expect([
      [10, 11],
      [20, 21],
      [30, 31],
    ]).toContainEqual(ids);
  });
});
