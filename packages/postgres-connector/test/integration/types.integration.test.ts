import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import { readAll, readExact, sourceOn } from './sources.js';

/** SQL type, SQL literals, and the values that they are read as. */
const matrix: readonly (readonly [type: string, literals: readonly string[], values: readonly unknown[]])[] =
  [
    ['bool', ['true', 'false'], [true, false]],
    ['int2', ['-32768', '32767'], [-32_768, 32_767]],
    ['int4', ['-2147483648', '2147483647', '0'], [-2_147_483_648, 2_147_483_647, 0]],
    ['int8', ['-9223372036854775808', '9223372036854775807'], [-(2n ** 63n), 2n ** 63n - 1n]],
    [
      'float4',
      ['1.5', "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", '3.4028235e38'],
      [1.5, NaN, Infinity, -Infinity, -0, 3.4028234663852886e38],
    ],
    [
      'float8',
      ['0.1', "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", '5e-324'],
      [0.1, NaN, Infinity, -Infinity, -0, 5e-324],
    ],
    ['numeric(12,2)', ['0', '-0.01', '9999999999.99'], ['0.00', '-0.01', '9999999999.99']],
    ['numeric(38,0)', ['9'.repeat(38)], ['9'.repeat(38)]],
    ['numeric(38,38)', [`0.${'0'.repeat(37)}1`], [`0.${'0'.repeat(37)}1`]],
    [
      'numeric',
      ['1.10', "'NaN'", "'Infinity'", "'-Infinity'", `repeat('9', 131072)::numeric`, '-0.000', '1e-16383'],
      ['1.10', 'NaN', 'Infinity', '-Infinity', '9'.repeat(131_072), '0.000', `0.${'0'.repeat(16_382)}1`],
    ],
    ['numeric(40,2)', ['1.5'], ['1.50']],
    ['numeric(3,-2)', ['12345'], ['12300']],
    ['text', ["''", "'ä€😀'", `repeat('long ', 100000)`], ['', 'ä€😀', 'long '.repeat(100_000)]],
    ['varchar(5)', ["'abc'"], ['abc']],
    ['char(5)', ["'ab'"], ['ab   ']],
    ['name', ["'a name'"], ['a name']],
    ['bytea', ["''", "'\\x00ff'"], [new Uint8Array(), Uint8Array.of(0, 255)]],
    [
      'date',
      ["'2024-02-29'", "'1969-12-31'", "'0044-03-15 BC'", "'5874897-12-31'", "'infinity'", "'-infinity'"],
      ['2024-02-29', '1969-12-31', '-000043-03-15', '+5874897-12-31', 'infinity', '-infinity'],
    ],
    [
      'timestamp',
      ["'2024-01-01 10:00:00.123456'", "'1969-12-31 23:59:59.999999'", "'4713-01-01 00:00 BC'", "'infinity'"],
      [
        '2024-01-01T10:00:00.123456',
        '1969-12-31T23:59:59.999999',
        '-004712-01-01T00:00:00.000000',
        'infinity',
      ],
    ],
    [
      'timestamptz',
      ["'2024-01-01 10:00:00.123456+02'", "'294247-01-10 04:00:54.775806+00'", "'-infinity'"],
      ['2024-01-01T08:00:00.123456Z', '+294247-01-10T04:00:54.775806Z', '-infinity'],
    ],
    ['uuid', ["'6F2C1A4E-0001-4002-8003-0123456789ab'"], ['6f2c1a4e-0001-4002-8003-0123456789ab']],
    ['json', [`'{"b":1, "a": [ ]}'`], ['{"b":1, "a": [ ]}']],
    ['jsonb', [`'{"b":1, "a": [ ]}'`, `'null'`], ['{"a": [], "b": 1}', 'null']],
  ];

/** What is read as the text that the server prints. */
const asText: readonly (readonly [type: string, literal: string, text: string])[] = [
  ['inet', "'10.0.0.0/8'", '10.0.0.0/8'],
  ['timetz', "'24:00:00-07'", '24:00:00-07'],
  ['money', "'-1.50'", '-$1.50'],
  ['point', "'(1,2)'", '(1,2)'],
  ['bit(3)', "B'101'", '101'],
  ['varbit', "B''", ''],
  ['tsvector', "'a:1 b'", "'a':1 'b'"],
  ['regclass', "'pg_class'", 'pg_class'],
  ['int2vector', "'1 2'", '1 2'],
  ['host', "ROW(1, '10.0.0.1')", '(1,10.0.0.1)'],
];

describeIntegration('postgres', 'the types of PostgreSQL', () => {
  test.each(matrix)('%s', async (type, literals, values) => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (n int, x ${type})`);
    await database.query(
      `INSERT INTO t VALUES ${[...literals, 'NULL'].map((literal, n) => `(${String(n)}, ${literal})`).join(', ')}`,
    );
    await using source = sourceOn(database);
    const read = await readAll(source, 't');
    expect(read).toEqual([...values, null].map((x, n) => ({ n, x })));
  });

  test('a type without a decoder is read as the text that the server prints, and its field says so', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TYPE host AS (n int, address inet);
      CREATE TABLE t (${asText.map(([type], index) => `c${String(index)} ${type}`).join(', ')});
      INSERT INTO t VALUES (${asText.map(([, literal]) => literal).join(', ')})`);
    await using source = sourceOn(database);
    expect(Object.values((await readAll(source, 't'))[0] ?? {})).toEqual(asText.map(([, , text]) => text));
    const [stream] = await source.discover();
    for (const field of stream?.schema.fields ?? [])
      expect(field.metadata.get('postgres:read-as')).toBe('text');
    expect(stream?.schema.fields[4]?.metadata.get('postgres:type')).toBe('bit(3)');
  });

  test('a domain is what is beneath it, however deep', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE DOMAIN price AS numeric(10,2) CHECK (VALUE >= 0); CREATE DOMAIN net AS price;
      CREATE DOMAIN tags AS text[]; CREATE TABLE t (a net, b tags);
      INSERT INTO t VALUES (1.5, '{x}'), (NULL, NULL)`);
    await using source = sourceOn(database);
    expect(await readExact(source, 't')).toEqual([
      { a: 150n, b: ['x'] },
      { a: null, b: null },
    ]);
    const [stream] = await source.discover();
    expect(
      stream?.schema.fields.map((field) => [String(field.type), field.metadata.get('postgres:type')]),
    ).toEqual([
      ['Decimal[10e+2]', 'net'],
      ['List<Utf8>', 'tags'],
    ]);
  });

  test('NaN in a decimal column is refused by name, and read as text if so asked', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t AS SELECT 'NaN'::numeric(5,2) AS "the price"`);
    await using source = sourceOn(database);
    await expect(readAll(source, 't')).rejects.toMatchObject({
      code: 'invalid-data',
      kind: 'terminal',
      message: expect.stringMatching(/"the price".*numericAs: 'text'/),
    });
    await using asTextSource = sourceOn(database, { numericAs: 'text' });
    expect(await readAll(asTextSource, 't')).toEqual([{ 'the price': 'NaN' }]);
  });

  test('a time past what int64 can count is refused by name', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t AS SELECT '294276-12-31'::timestamp AS late`);
    await using source = sourceOn(database);
    await expect(readAll(source, 't')).rejects.toMatchObject({ code: 'invalid-data' });
  });

  test('text of a database in another encoding is UTF-8 here', async () => {
    await using database = await leaseDatabase();
    await database.query(`SELECT set_config('client_encoding', 'UTF8', false)`);
    await database.query(`ALTER DATABASE ${database.endpoint.database} SET client_encoding = 'LATIN1'`);
    await database.query(`CREATE TABLE t AS SELECT 'äöü' AS x`);
    await using source = sourceOn(database);
    expect(await readAll(source, 't')).toEqual([{ x: 'äöü' }]);
  });

  test('the text of a value does not depend on the settings of the role or the database', async () => {
    await using database = await leaseDatabase();
    const { database: name } = database.endpoint;
    await database.query(`ALTER DATABASE ${name} SET datestyle = 'SQL, DMY';
      ALTER DATABASE ${name} SET intervalstyle = 'iso_8601'; ALTER DATABASE ${name} SET timezone = 'Asia/Tokyo';
      CREATE TABLE t AS SELECT '{2024-01-31 00:00+00}'::timestamptz[] AS a, '{1 day}'::interval[] AS b`);
    await using source = sourceOn(database, { arraysAs: 'text' });
    expect(await readAll(source, 't')).toEqual([{ a: '{"2024-01-31 00:00:00+00"}', b: '{"1 day"}' }]);
  });
});
