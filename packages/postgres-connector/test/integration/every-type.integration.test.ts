import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import { readExact, sourceOn } from './sources.js';

/** Literals of the built-in types, at their edges where they have some. */
const literals: Readonly<Record<string, readonly string[]>> = {
  aclitem: ['pg_monitor=r/pg_monitor'],
  bit: ['0', '1'],
  bool: ['t', 'f'],
  box: ['(1,2),(-1.5,1e-300)'],
  bpchar: ['', 'ab', 'ab  '],
  bytea: ['', '\\x00ff'],
  char: ['', 'x', '\\303'],
  cid: ['0', '4294967295'],
  cidr: ['10.0.0.0/8', '2001:db8::/32'],
  circle: ['<(1,2),3>'],
  date: ['infinity', '-infinity', '4713-01-01 BC', '5874897-12-31', '1970-01-01'],
  datemultirange: ['{}', '{[2024-01-01,2024-01-02),[infinity,)}'],
  daterange: ['empty', '(,)', '[2024-01-01,infinity]'],
  float4: ['0', '-0', 'NaN', 'Infinity', '-Infinity', '3.4028235e+38', '1e-45'],
  float8: ['0.1', '-0', 'NaN', 'Infinity', '-Infinity', '1.7976931348623157e+308', '5e-324'],
  inet: ['10.0.0.1', '::1/64'],
  int2: ['-32768', '32767'],
  int2vector: ['', '1 2'],
  int4: ['-2147483648', '2147483647'],
  int4multirange: ['{}', '{(,1),[5,7)}'],
  int4range: ['empty', '[1,5]', '(,)'],
  int8: ['-9223372036854775808', '9223372036854775807'],
  int8multirange: ['{[1,9223372036854775807)}'],
  int8range: ['[-9223372036854775808,1)'],
  interval: ['0', '-1 mon 2 days -00:00:00.000001', '178000000 years', '-2562047:47:16.854775'],
  json: ['{"b":1, "a": [ ]}'],
  jsonb: ['null', '{"b":1, "a": [ ]}'],
  jsonpath: ['$.a[*]?(@.b > 1)'],
  line: ['{1,-1,0}'],
  lseg: ['[(1,2),(3,4)]'],
  macaddr: ['08:00:2b:01:02:03'],
  macaddr8: ['08:00:2b:01:02:03:04:05'],
  money: ['-92233720368547758.08', '0.01'],
  name: ['', 'a name'],
  numeric: [
    '0',
    '-0.000',
    '1.10',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e-100',
    '123456789012345678901234567890.5',
  ],
  nummultirange: ['{[1.10,2),[NaN,NaN]}'],
  numrange: ['[1.10,NaN)', '(,)'],
  oid: ['0', '4294967295'],
  oidvector: ['', '1 4294967295'],
  path: ['((1,2),(3,4))', '[(1,2)]'],
  pg_lsn: ['16/B374D848', 'FFFFFFFF/FFFFFFFF'],
  pg_snapshot: ['10:20:10,14,15'],
  point: ['(1,2)', '(NaN,-Infinity)'],
  polygon: ['((1,2),(3,4),(5,6))'],
  refcursor: ['a cursor'],
  regclass: ['pg_class'],
  regcollation: ['"C"'],
  regconfig: ['english'],
  regdictionary: ['simple'],
  regnamespace: ['pg_catalog'],
  regoper: ['|/'],
  regoperator: ['+(integer,integer)'],
  regproc: ['now'],
  regprocedure: ['abs(integer)'],
  regrole: ['pg_monitor'],
  regtype: ['integer', '"char"'],
  text: ['', 'ä€😀', '\uFEFFmark', ' "\\,{}NULL'],
  tid: ['(0,1)', '(4294967295,65535)'],
  time: ['00:00', '24:00', '23:59:59.999999'],
  timestamp: ['infinity', '-infinity', '4713-01-01 00:00 BC', '294246-12-31 23:59:59.999999'],
  timestamptz: ['infinity', '-infinity', '4713-01-02 00:00+00 BC', '1969-12-31 23:59:59.999999+00'],
  timetz: ['00:00:00+15:59:59', '24:00:00-15:59:59', '10:00:00.000001+02'],
  tsmultirange: ['{[2024-01-01,infinity)}'],
  tsquery: [`'a':A* & !'b' <2> 'c'`],
  tsrange: ['[2024-01-01 00:00:00.000001,)'],
  tstzmultirange: ['{}', '{[2024-01-01 00:00+00,infinity]}'],
  tstzrange: ['[2024-01-01 00:00+00,infinity]'],
  tsvector: ['', `'a':1A 'b c'`],
  txid_snapshot: ['10:20:10,14,15'],
  uuid: ['6F2C1A4E-0001-4002-8003-0123456789ab'],
  varbit: ['', '10110'],
  varchar: ['', 'ab  '],
  xid: ['0', '4294967295'],
  xid8: ['0', '18446744073709551615'],
  xml: ['<a b="1">ä</a>', 'text'],
};

/** Types that have no literals: what holds them is the server's own. */
const withoutLiterals = [
  'gtsvector',
  'pg_brin_bloom_summary',
  'pg_brin_minmax_multi_summary',
  'pg_dependencies',
  'pg_mcv_list',
  'pg_ndistinct',
  'pg_node_tree',
];

/** SQL that makes the value again from what is in the memory of a batch, for types that are not text there. */
const again: Readonly<Record<string, (exact: never) => string>> = {
  bytea: (hex: string) => `'\\x${hex}'::bytea`,
  date: (days: number) => infinite(days, 2 ** 31 - 1, -(2 ** 31)) ?? `'1970-01-01'::date + (${String(days)})`,
  time: (microseconds: bigint) =>
    microseconds === 86_400_000_000n ? `'24:00'` : `'00:00'::time + '${String(microseconds)} us'::interval`,
  timestamp: (microseconds: bigint) => timestampOf('timestamp', microseconds),
  timestamptz: (microseconds: bigint) => timestampOf('timestamptz', microseconds),
  interval: ({ months, days, nanoseconds }: { months: number; days: number; nanoseconds: bigint }) =>
    `'${String(months)} mons ${String(days)} days ${String(nanoseconds / 1000n)} us'::interval`,
};

function timestampOf(type: string, microseconds: bigint): string {
  const special = infinite(microseconds, 2n ** 63n - 1n, -(2n ** 63n));
  return special ?? `'1970-01-01 00:00+00'::${type} + '${String(microseconds)} us'::interval`;
}

function infinite<T>(value: T, last: T, first: T): string | undefined {
  if (value === last) return `'infinity'`;
  return value === first ? `'-infinity'` : undefined;
}

/** The text of a bound or of a value that can be written as it is. */
function sqlOf(type: string, exact: unknown): string {
  const make = again[type] as ((exact: unknown) => string) | undefined;
  if (make !== undefined) return make(exact);
  if (Object.is(exact, -0)) return `'-0'`;
  return quoted(String(exact));
}

function quoted(text: string): string {
  return `'${text.replaceAll(`'`, `''`)}'`;
}

interface Range {
  readonly lower: unknown;
  readonly upper: unknown;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly isEmpty: boolean;
}

function sqlOfRange(type: string, bound: string, range: Range): string {
  if (range.isEmpty) return `'empty'::${type}`;
  const boundOf = (exact: unknown): string => (exact === null ? 'NULL' : sqlOf(bound, exact));
  const brackets = `${range.lowerInclusive ? '[' : '('}${range.upperInclusive ? ']' : ')'}`;
  return `${type}(${boundOf(range.lower)}, ${boundOf(range.upper)}, '${brackets}')`;
}

const bounds: Readonly<Record<string, string>> = {
  int4: 'int4',
  int8: 'int8',
  num: 'numeric',
  date: 'date',
  ts: 'timestamp',
  tstz: 'timestamptz',
};

function valueOf(type: string, exact: unknown): string {
  const [, subtype = '', multi] = /^(.*?)(multi)?range$/.exec(type) ?? [];
  const bound = bounds[subtype];
  if (bound === undefined) return `(${sqlOf(type, exact)})::"${type}"`;
  if (multi === undefined) return sqlOfRange(type, bound, exact as Range);
  return `${type}(${(exact as Range[]).map((range) => sqlOfRange(`${subtype}range`, bound, range)).join(', ')})`;
}

describeIntegration('postgres', 'every built-in type', () => {
  test('has literals here, or none at all', async () => {
    await using database = await leaseDatabase();
    const types = await database.query(`SELECT typname FROM pg_type t
      WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm', 'e', 'd')
        AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)`);
    const names = types.map((row) => String(row['typname'])).sort();
    expect(names).toEqual(expect.arrayContaining(Object.keys(literals)));
    expect(names.filter((name) => literals[name] === undefined && !withoutLiterals.includes(name))).toEqual(
      [],
    );
  });

  test.each(Object.entries(literals))(
    '%s, its arrays, and arrays of composites of it',
    async (type, texts) => {
      await using database = await leaseDatabase();
      const values = [...texts.map(quoted), 'NULL'];
      const elements = [...texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`), 'NULL'];
      const list = quoted(`{${elements.join(type === 'box' ? ';' : ',')}}`);
      await database.query(`CREATE TABLE t (n int, x pg_catalog."${type}");
      INSERT INTO t VALUES ${values.map((value, n) => `(${String(n)}, ${value})`).join(', ')};
      CREATE TYPE holder AS (x pg_catalog."${type}");
      CREATE TABLE held (list pg_catalog."${type}"[], holders holder[]);
      INSERT INTO held VALUES (${list}, (SELECT array_agg(ROW(x)::holder ORDER BY n) FROM t))`);
      await using source = sourceOn(database);

      // Each value, made again from what was read, has the text that the value itself has.
      const read = (await readExact(source, 't')).map(({ x }) => x);
      const made = read.map((exact, n) => {
        const value = exact === null ? 'NULL' : valueOf(type, exact);
        return `(SELECT ${value}::text IS NOT DISTINCT FROM x::text FROM t WHERE n = ${String(n)}) AS "${String(n)}"`;
      });
      await database.query(`SET timezone = 'UTC'`);
      const [same = {}] = await database.query(`SELECT ${made.join(', ')}`);
      expect({ read, same: Object.values(same) }).toEqual({ read, same: read.map(() => true) });

      // An array and an array of composites hold just these values, or the texts that the server prints.
      const [held] = await readExact(source, 'held');
      expect(held?.['list']).toEqual(read);
      const [printed] = await database.query(`SELECT array_agg(ROW(x)::holder::text ORDER BY n) AS x FROM t`);
      const holders = held?.['holders'] as unknown[];
      expect(holders).toEqual(typeof holders[0] === 'string' ? printed?.['x'] : read.map((x) => ({ x })));
    },
  );

  test('what has no literals is text wherever the catalogue holds it', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE s AS SELECT n % 3 AS a, n % 3 AS b FROM generate_series(1, 100) n;
      CREATE STATISTICS st ON a, b FROM s; ANALYZE s;
      CREATE VIEW v AS SELECT stxdndistinct, stxddependencies FROM pg_statistic_ext_data;
      CREATE VIEW r AS SELECT ev_action FROM pg_rewrite LIMIT 5`);
    await using source = sourceOn(database);
    expect((await readExact(source, 'v'))[0]).toMatchObject({ stxdndistinct: expect.stringContaining('3') });
    expect(await readExact(source, 'r')).toHaveLength(5);
    await using catalogue = sourceOn(database, { schema: 'pg_catalog' });
    const columns = { columns: ['tablename', 'attname', 'most_common_vals'] };
    expect(await readExact(catalogue, 'pg_stats', columns)).toContainEqual({
      tablename: 's',
      attname: 'a',
      most_common_vals: '{1,0,2}',
    });
  });
});
