import type { Condition, FilterValue } from '@sqlflow/connector-contract';
import { describeIntegration, leaseDatabase, tagged } from '@sqlflow/test-harness';
import { readAll, sourceOn } from './sources.js';

const everyType = `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE TABLE t (id int, a_bool bool, an_int2 int2, an_int4 int4, an_int8 int8, a_float4 float4, a_float8 float8,
    a_numeric numeric(20,4), a_wide numeric, a_text text, a_varchar varchar(3), a_char char(5), a_name name,
    a_bytea bytea, a_date date, a_time timestamp, a_stamp timestamptz, a_uuid uuid, a_json jsonb, a_mood mood,
    a_positive positive, an_interval interval, some_ints int[]);
  INSERT INTO t SELECT id FROM generate_series(0, 2) id`;

const values: readonly (readonly [column: string, sql: string, value: FilterValue])[] = [
  ['a_bool', 'false', false],
  ['an_int2', '-32768', -32_768],
  ['an_int4', '0', 0],
  ['an_int8', '-9223372036854775808', -(2n ** 63n)],
  ['an_int8', '7', '7'],
  ['a_float4', '0.1', Math.fround(0.1)],
  ['a_float4', "'NaN'", NaN],
  ['a_float8', '5e-324', 5e-324],
  ['a_float8', "'-Infinity'", -Infinity],
  ['a_float8', "'NaN'", NaN],
  ['a_numeric', '1234567890123456.7891', '1234567890123456.7891'],
  ['a_numeric', '0.1', 0.1],
  [
    'a_wide',
    '12345678901234567890123456789012345678901234567890',
    12345678901234567890123456789012345678901234567890n,
  ],
  ['a_wide', "'NaN'", 'NaN'],
  ['a_text', "''", ''],
  ['a_text', "'a>b'", 'a>b'],
  ['a_text', "'100%'", '100%'],
  ['a_text', '$$it\'s "{a,b}" \\ NULL$$', 'it\'s "{a,b}" \\ NULL'],
  ['a_text', "'NULL'", 'NULL'],
  ['a_varchar', "'abc'", 'abc'],
  ['a_char', "'ab'", 'ab   '],
  ['a_name', "'n'", 'n'],
  ['a_bytea', "'\\x00ff5c22'", new Uint8Array([0, 255, 92, 34])],
  ['a_date', "'0044-03-15 BC'", '-000043-03-15'],
  ['a_date', "'5874897-12-31'", '+5874897-12-31'],
  ['a_date', "'-infinity'", '-infinity'],
  ['a_time', "'2024-02-29 12:34:56.123456'", '2024-02-29T12:34:56.123456'],
  ['a_time', "'12024-02-29 12:34:56'", '+012024-02-29T12:34:56.000000'],
  ['a_stamp', "'0001-12-31 23:59:59.000001+00 BC'", '+000000-12-31T23:59:59.000001Z'],
  ['a_stamp', "'2024-06-01 12:00:00+02'", '2024-06-01T10:00:00.000000Z'],
  ['a_stamp', "'infinity'", 'infinity'],
  ['a_uuid', "'6f2c1a4e-0000-4000-8000-000000000001'", '6f2c1a4e-0000-4000-8000-000000000001'],
  ['a_json', `'{"a": [1, 2]}'`, '{"a":[1,2]}'],
  ['a_mood', "'happy'", 'happy'],
  ['a_positive', '5', 5],
  ['an_interval', "'90 minutes'", '01:30:00'],
  ['some_ints', "'{1,2}'", '{1,2}'],
];

describeIntegration('postgres', 'filters', () => {
  tagged('smoke')(
    'a value of every type finds its row, whatever the operator, and the others by their negation',
    async () => {
      await using database = await leaseDatabase();
      await database.query(everyType);
      await using source = sourceOn(database);
      const ids = async (condition: Condition): Promise<unknown[]> =>
        (await readAll(source, 't', { columns: ['id'], filter: [condition] })).map((row) => row['id']);
      for (const [column, sql, value] of values) {
        await database.query(`UPDATE t SET ${column} = ${sql} WHERE id = 1`);
        const told = [column, sql, await ids({ column, op: '=', value })];
        expect(told).toEqual([column, sql, [1]]);
        expect(await ids({ column, op: 'in', value: [value, value] })).toEqual([1]);
        expect(await ids({ column, op: '>=', value })).toEqual([1]);
        for (const op of ['!=', '<', '>'] as const) expect(await ids({ column, op, value })).toEqual([]);
        expect(await ids({ column, op: 'not-in', value: [value] })).toEqual([]);
      }
    },
  );

  test('what rows() gives of a row finds that row', async () => {
    await using database = await leaseDatabase();
    await database.query(everyType);
    for (const [column, sql] of values) await database.query(`UPDATE t SET ${column} = ${sql} WHERE id = 1`);
    await using source = sourceOn(database, { arraysAs: 'text' });
    const [row = {}] = await readAll(source, 't', { filter: [{ column: 'id', op: '=', value: 1 }] });
    for (const [column, value] of Object.entries(row)) {
      const condition = { column, op: '=', value: value as FilterValue } as const;
      expect(await readAll(source, 't', { columns: [], filter: [condition] })).toHaveLength(1);
    }
  });

  test('null is asked for by name, and fulfils no comparison', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int, x text); INSERT INTO t VALUES (1, 'a'), (2, NULL)`);
    await using source = sourceOn(database);
    const ids = async (...filter: Condition[]): Promise<unknown[]> =>
      (await readAll(source, 't', { filter })).map((row) => row['id']);
    expect(await ids({ column: 'x', op: 'is-null' })).toEqual([2]);
    expect(await ids({ column: 'x', op: 'is-not-null' })).toEqual([1]);
    expect(await ids({ column: 'x', op: '!=', value: 'b' })).toEqual([1]);
    expect(await ids({ column: 'x', op: 'not-in', value: ['b'] })).toEqual([1]);
    expect(await ids({ column: 'x', op: 'in', value: [] })).toEqual([]);
    expect(await ids({ column: 'x', op: 'not-in', value: [] })).toEqual([1, 2]);
    expect(await ids({ column: 'id', op: '>', value: 1 }, { column: 'x', op: 'is-null' })).toEqual([2]);
    expect(await ids({ column: 'id', op: '<', value: 2 }, { column: 'x', op: 'is-null' })).toEqual([]);
  });

  test('a name with a dot is a name, and a column that is not read can be asked for', async () => {
    await using database = await leaseDatabase();
    await database.query(
      `CREATE TABLE t (id int, "o.updated_at" int, "a""b%s" int); INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)`,
    );
    await using source = sourceOn(database);
    for (const column of ['o.updated_at', 'a"b%s']) {
      const filter = [{ column, op: '>', value: 1 }] as const;
      expect(await readAll(source, 't', { columns: ['id'], filter })).toEqual([{ id: 2 }]);
    }
  });

  test('texts are compared by the collation of their column', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE t (c text COLLATE "C", e text COLLATE "en-x-icu", n text COLLATE nocase);
      INSERT INTO t VALUES ('b', 'b', 'b'), ('B', 'B', 'B')`);
    await using source = sourceOn(database);
    const read = (column: string, op: '=' | '<', value: string) =>
      readAll(source, 't', { filter: [{ column, op, value }] });
    expect(await read('c', '<', 'a')).toHaveLength(1);
    expect(await read('e', '<', 'a')).toHaveLength(0);
    expect(await read('n', '=', 'B')).toHaveLength(2);
    expect(await readAll(source, 't', { filter: [{ column: 'n', op: 'in', value: ['B'] }] })).toHaveLength(2);
  });

  test('a value that only the type of the server can judge is refused by the server', async () => {
    await using database = await leaseDatabase();
    await database.query(everyType);
    await using source = sourceOn(database);
    const filter = [{ column: 'a_mood', op: '=', value: 'furious' }] as const;
    await expect(readAll(source, 't', { filter })).rejects.toMatchObject({
      code: 'invalid-data',
      kind: 'terminal',
    });
    const dropped = [{ column: 'a_text', op: '=', value: `x'; DROP TABLE t; --` }] as const;
    expect(await readAll(source, 't', { filter: dropped })).toEqual([]);
    expect(await readAll(source, 't')).toHaveLength(3);
  });

  test('a column that the role may not read cannot be asked for either', async () => {
    await using database = await leaseDatabase();
    const role = `asker_of_${database.endpoint.database}`;
    await database.query(`CREATE TABLE t (a int, salary int); CREATE ROLE ${role} LOGIN PASSWORD 'p';
      GRANT SELECT (a) ON t TO ${role}`);
    try {
      await using source = sourceOn(database, { user: role, password: 'p' });
      const filter = [{ column: 'salary', op: '>', value: 1 }] as const;
      await expect(readAll(source, 't', { filter })).rejects.toMatchObject({ code: 'permission-denied' });
    } finally {
      await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});
