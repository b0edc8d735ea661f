import { describeIntegration, type LeasedDatabase, leaseDatabase } from '@sqlflow/test-harness';
import { type Struct, Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import { exactRows } from '../exact-values.js';
import { readAll, readExact, sourceOn } from './sources.js';

const definitions = `
  CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"');
  CREATE DOMAIN price AS numeric(10,2);
  CREATE TYPE pair AS (n int, gone text, "The text" text);
  ALTER TYPE pair DROP ATTRIBUTE gone;
  CREATE TYPE host AS (n int, address inet);
  CREATE TYPE pricerange AS RANGE (subtype = price, multirange_type_name = pricemultirange);
  CREATE DOMAIN tags AS text[];
  CREATE TYPE nothing AS ();
  CREATE TYPE deep AS (pairs pair[], span tstzrange, price price, mood mood, tags tags);`;

const bounds = (lower: unknown, upper: unknown, lowerInclusive = true, upperInclusive = false) => {
  return { lower, upper, lowerInclusive, upperInclusive, isEmpty: false };
};
const empty = { ...bounds(null, null, false, false), isEmpty: true };
const micros = (text: string): bigint => BigInt(Date.parse(text)) * 1000n;

/** SQL type, Arrow type, SQL literals, and what they are in the memory of a batch. */
const matrix: readonly (readonly [
  type: string,
  arrowType: string,
  literals: readonly string[],
  values: readonly unknown[],
])[] = [
  ['int4[]', 'List<Int32>', ["'{}'", "'{1,NULL,3}'", "'{NULL}'"], [[], [1, null, 3], [null]]],
  ['int8[]', 'List<Int64>', ["'{-9223372036854775808}'"], [[-(2n ** 63n)]]],
  ['text[]', 'List<Utf8>', [`'{"","a b",NULL,"NULL","\\""}'`], [['', 'a b', null, 'NULL', '"']]],
  ['char(4)[]', 'List<Utf8>', ["'{ab,NULL}'"], [['ab  ', null]]],
  ['numeric(10,2)[]', 'List<Decimal[10e+2]>', ["'{1.5,NULL}'"], [[150n, null]]],
  ['numeric[]', 'List<Utf8>', ["'{1.50,NaN,-Infinity}'"], [['1.50', 'NaN', '-Infinity']]],
  ['float8[]', 'List<Float64>', ["'{NaN,-Infinity,-0}'"], [[NaN, -Infinity, -0]]],
  ['date[]', 'List<Date32<DAY>>', ["'{infinity,1970-01-02,0001-01-01 BC}'"], [[2 ** 31 - 1, 1, -719_528]]],
  ['bytea[]', 'List<Binary>', [`'{"\\\\x00ff",""}'`], [['00ff', '']]],
  ['jsonb[]', 'List<Utf8>', [`'{"{}",null}'`], [['{}', null]]],
  ['mood', 'Utf8', ["'sad'", `'it''s "ok"'`], ['sad', `it's "ok"`]],
  ['mood[]', 'List<Utf8>', ["'{sad,NULL}'"], [['sad', null]]],
  ['price[]', 'List<Decimal[10e+2]>', ["'{0.01}'"], [[1n]]],
  ['inet[]', 'List<Utf8>', ["'{10.0.0.0/8,NULL}'"], [['10.0.0.0/8', null]]],
  ['host[]', 'List<Utf8>', ["ARRAY[ROW(1,'10.0.0.1')::host, NULL]"], [['(1,10.0.0.1)', null]]],
  [
    'pair',
    'Struct<{n:Int32, The text:Utf8}>',
    ["ROW(1, 'a')", 'ROW(NULL, NULL)', "ROW(2, '')"],
    [
      { n: 1, 'The text': 'a' },
      { n: null, 'The text': null },
      { n: 2, 'The text': '' },
    ],
  ],
  ['nothing', 'Struct<{}>', ['ROW()'], [{}]],
  [
    'int4range',
    'Struct<{lower:Int32, upper:Int32, lowerInclusive:Bool, upperInclusive:Bool, isEmpty:Bool}>',
    ["'[1,5]'", "'empty'", "'(,5)'", "'[1,)'", "'(,)'"],
    [bounds(1, 6), empty, bounds(null, 5, false), bounds(1, null), bounds(null, null, false)],
  ],
  [
    'pricerange',
    'Struct<{lower:Decimal[10e+2], upper:Decimal[10e+2], lowerInclusive:Bool, upperInclusive:Bool, isEmpty:Bool}>',
    ["'(1.5,2]'"],
    [bounds(150n, 200n, false, true)],
  ],
  [
    'datemultirange',
    'List<Struct<{lower:Date32<DAY>, upper:Date32<DAY>, lowerInclusive:Bool, upperInclusive:Bool, isEmpty:Bool}>>',
    ["'{}'", "'{(,1970-01-02),[infinity,infinity]}'"],
    [[], [bounds(null, 1, false), bounds(2 ** 31 - 1, 2 ** 31 - 1, true, true)]],
  ],
  [
    'deep[]',
    'List<Struct<{pairs:List<Struct<{n:Int32, The text:Utf8}>>, span:Struct<{lower:Timestamp<MICROSECOND, UTC>, upper:Timestamp<MICROSECOND, UTC>, lowerInclusive:Bool, upperInclusive:Bool, isEmpty:Bool}>, price:Decimal[10e+2], mood:Utf8, tags:List<Utf8>}>>',
    [
      `ARRAY[ROW(ARRAY[ROW(1,'x')::pair,NULL], '[2024-01-01 00:00+00,)', 1, 'sad', '{a}')::deep, NULL,
        ROW('{}', NULL, NULL, NULL, NULL)::deep]`,
    ],
    [
      [
        {
          pairs: [{ n: 1, 'The text': 'x' }, null],
          span: bounds(micros('2024-01-01'), null),
          price: 100n,
          mood: 'sad',
          tags: ['a'],
        },
        null,
        { pairs: [], span: null, price: null, mood: null, tags: null },
      ],
    ],
  ],
  [
    'time',
    'Time64<MICROSECOND>',
    ["'00:00'", "'24:00'", "'10:00:00.000001'"],
    [0n, 86_400_000_000n, 36_000_000_001n],
  ],
  [
    'interval',
    'Interval<MONTH_DAY_NANO>',
    ["'-1 mon 2 days -00:00:00.000001'", "'178000000 years'"],
    [
      { months: -1, days: 2, nanoseconds: -1000n },
      { months: 2_136_000_000, days: 0, nanoseconds: 0n },
    ],
  ],
  ['oid', 'Uint32', ["'4294967295'"], [4_294_967_295]],
  ['xid', 'Uint32', ["'4294967295'"], [4_294_967_295]],
  ['xid8', 'Uint64', ["'18446744073709551615'"], [2n ** 64n - 1n]],
  ['"char"', 'Utf8', ["'x'", "''"], ['x', '']],
];

async function tableOf(database: LeasedDatabase, type: string, literals: readonly string[]): Promise<void> {
  await database.query(`${definitions} CREATE TABLE t (x ${type})`);
  await database.query(`INSERT INTO t VALUES ${literals.map((literal) => `(${literal})`).join(', ')}`);
}

describeIntegration('postgres', 'types made of others', () => {
  test.each(matrix)('%s is %s', async (type, arrowType, literals, values) => {
    await using database = await leaseDatabase();
    await tableOf(database, type, [...literals, 'NULL']);
    await using source = sourceOn(database);
    const [stream] = await source.discover();
    expect(stream?.schema.fields.map((field) => String(field.type))).toEqual([arrowType]);
    expect(await readExact(source, 't')).toEqual([...values, null].map((x) => ({ x })));
  });

  test('fields say what they are at every depth', async () => {
    await using database = await leaseDatabase();
    await tableOf(database, 'deep', ['NULL']);
    await using source = sourceOn(database);
    const [stream] = await source.discover();
    const [deep] = stream?.schema.fields ?? [];
    const attributes = (deep?.type as Struct).children.map(({ name, metadata }) => {
      return [name, Object.fromEntries(metadata)] as const;
    });
    expect(Object.fromEntries(attributes)).toMatchObject({
      pairs: { 'postgres:type': 'pair[]' },
      span: { 'postgres:type': 'tstzrange' },
      price: { 'postgres:type': 'price' },
      mood: { 'postgres:type': 'mood', 'postgres:enum-labels': `["sad","it's \\"ok\\""]` },
    });
  });

  test('batches with all of them go through the IPC format of Arrow and come back', async () => {
    await using database = await leaseDatabase();
    const columns = matrix.filter(([type]) => type !== 'nothing');
    await database.query(`${definitions}
      CREATE TABLE t (${columns.map(([type], index) => `c${String(index)} ${type}`).join(', ')});
      INSERT INTO t VALUES (${columns.map(([, , literals]) => literals.at(-1)).join(', ')}), (${columns.map(() => 'NULL').join(', ')})`);
    await using source = sourceOn(database);
    for await (const batch of source.read({ name: 't' })) {
      const copy = tableFromIPC(tableToIPC(new Table([batch])));
      expect(exactRows(copy.batches)).toEqual(exactRows([batch]));
    }
  });

  test.each([
    ['more than one dimension', "'{{1,2},{3,4}}'", '{{1,2},{3,4}}'],
    ['a first index other than 1', "'[0:1]={1,2}'", '[0:1]={1,2}'],
  ])('an array with %s is refused, and text if so chosen', async (what, literal, text) => {
    await using database = await leaseDatabase();
    await tableOf(database, 'int4[]', [literal]);
    await using source = sourceOn(database);
    await expect(readAll(source, 't')).rejects.toMatchObject({
      code: 'invalid-data',
      kind: 'terminal',
      message: expect.stringMatching(new RegExp(`"x" holds an array with ${what}.*arraysAs: 'text'`)),
    });
    await using textSource = sourceOn(database, { arraysAs: 'text' });
    expect(await readAll(textSource, 't')).toEqual([{ x: text }]);
  });

  test('arrays as text are so in what they are a part of, too, and other types stay what they are', async () => {
    await using database = await leaseDatabase();
    await database.query(`${definitions} CREATE TYPE held AS (a int[]);
      CREATE TABLE t AS SELECT ROW('{{1}}')::held AS a, ROW(1, 'x')::pair AS b, ARRAY['10.0.0.1'::inet] AS c`);
    await using source = sourceOn(database, { arraysAs: 'text' });
    expect(await readExact(source, 't')).toEqual([
      { a: '({{1}})', b: { n: 1, 'The text': 'x' }, c: '{10.0.0.1}' },
    ]);
  });

  test('numerics as text are so at every depth', async () => {
    await using database = await leaseDatabase();
    await database.query(`${definitions}
      CREATE TABLE t AS SELECT '{NaN}'::numeric(5,2)[] AS a, '[1,NaN]'::pricerange AS b`);
    await using source = sourceOn(database);
    await expect(readAll(source, 't')).rejects.toMatchObject({
      code: 'invalid-data',
      message: expect.stringMatching(/"a\[\]" holds NaN.*numericAs: 'text'/),
    });
    await using textSource = sourceOn(database, { numericAs: 'text' });
    expect(await readExact(textSource, 't')).toEqual([{ a: ['NaN'], b: bounds('1.00', 'NaN', true, true) }]);
  });

  test('an interval that 64-bit nanoseconds cannot express is refused by name', async () => {
    await using database = await leaseDatabase();
    await tableOf(database, 'interval', ["'2562048 hours'"]);
    await using source = sourceOn(database);
    await expect(readAll(source, 't')).rejects.toMatchObject({
      code: 'invalid-data',
      message: expect.stringMatching(/"x" holds an interval/),
    });
  });

  test('an infinite interval, which servers have from PostgreSQL 17 on, is the ends of all its parts', async () => {
    await using database = await leaseDatabase();
    const [server] = await database.query(`SELECT current_setting('server_version_num')::int AS version`);
    const create = `CREATE TABLE t AS SELECT x::interval FROM (VALUES ('infinity'), ('-infinity')) AS v (x)`;
    if (Number(server?.['version']) < 170_000) {
      await expect(database.query(create)).rejects.toThrow('interval');
      return;
    }
    await database.query(create);
    await using source = sourceOn(database);
    expect(await readExact(source, 't')).toEqual([
      { x: { months: 2 ** 31 - 1, days: 2 ** 31 - 1, nanoseconds: 2n ** 63n - 1n } },
      { x: { months: -(2 ** 31), days: -(2 ** 31), nanoseconds: -(2n ** 63n) } },
    ]);
  });

  test('types of any schema and name are found, and a search path full of impostors changes nothing', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE SCHEMA "odd ""one"; CREATE TYPE "odd ""one"."a""b" AS ENUM ('x');
      CREATE TYPE public.text AS (impostor int);
      CREATE TABLE public.t AS SELECT 'x'::"odd ""one"."a""b" AS a, ARRAY['10.0.0.1'::inet] AS b, '::1'::inet AS c`);
    await database.query(`ALTER ROLE CURRENT_USER IN DATABASE ${database.endpoint.database}
      SET search_path = public, pg_catalog`);
    await using source = sourceOn(database);
    expect(await readExact(source, 't')).toEqual([{ a: 'x', b: ['10.0.0.1/32'], c: '::1/128' }]);
  });

  test('extension types are text; one that is text but for its name is so in a composite, too', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree;
      CREATE TYPE named AS (n int, name citext);
      CREATE TABLE t AS SELECT 'Ab'::citext AS a, 'k=>NULL'::hstore AS b, 'x.y'::ltree AS c,
        ARRAY['Ab'::citext, NULL] AS d, ARRAY['k=>"v"'::hstore] AS e, ROW(1, 'Ab')::named AS f`);
    await using source = sourceOn(database);
    expect(await readExact(source, 't')).toEqual([
      { a: 'Ab', b: '"k"=>NULL', c: 'x.y', d: ['Ab', null], e: ['"k"=>"v"'], f: { n: 1, name: 'Ab' } },
    ]);
  });
});
