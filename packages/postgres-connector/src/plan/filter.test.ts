import type { Condition } from '@sqlflow/connector-contract';
import fc from 'fast-check';
import { filterSql } from './filter.js';
import type { ColumnDescription } from './table-description.js';

function column(name: string, typeOid: number, sqlType: string): ColumnDescription {
  return { name, sqlType, typeOid, typeModifier: -1, nullable: true };
}

const columns = [
  column('an_int2', 21, 'smallint'),
  column('an_int4', 23, 'integer'),
  column('an_int8', 20, 'bigint'),
  column('a_bool', 16, 'boolean'),
  column('a_float4', 700, 'real'),
  column('a_float8', 701, 'double precision'),
  column('a_numeric', 1700, 'numeric(9,2)'),
  column('a_text', 25, 'text'),
  column('a_bytea', 17, 'bytea'),
  column('a_date', 1082, 'date'),
  column('a_time', 1114, 'timestamp without time zone'),
  column('a_stamp', 1184, 'timestamp with time zone'),
  column('a_uuid', 2950, 'uuid'),
  column('a_json', 114, 'json'),
  column('a_jsonb', 3802, 'jsonb'),
  column('a_mood', 99_999, 'mood'),
  column('o.updated_at', 23, 'integer'),
];

function write(conditions: readonly unknown[], alias?: string) {
  const parameters: string[] = [];
  return { sql: filterSql(conditions as Condition[], columns, parameters, alias), parameters };
}

test('a value is a parameter, cast to the type of its column without length or scale', () => {
  expect(write([{ column: 'a_numeric', op: '>=', value: '1.005' }])).toEqual({
    sql: ['"a_numeric" >= $1::pg_catalog.numeric'],
    parameters: ['1.005'],
  });
  expect(write([{ column: 'a_text', op: '!=', value: 'a>b' }], 'r')).toEqual({
    sql: ['"r"."a_text" <> $1::pg_catalog.text'],
    parameters: ['a>b'],
  });
  expect(write([{ column: 'a_mood', op: '=', value: 'ok' }]).sql).toEqual(['"a_mood" = $1']);
});

test('parameters are added to those that are there already', () => {
  const parameters = ['first'];
  const two: Condition[] = [
    { column: 'an_int4', op: '<', value: 5 },
    { column: 'o.updated_at', op: 'is-null' },
    { column: 'a_bool', op: '=', value: true },
  ];
  expect(filterSql(two, columns, parameters)).toEqual([
    '"an_int4" < $2::pg_catalog.int4',
    '"o.updated_at" IS NULL',
    '"a_bool" = $3::pg_catalog.bool',
  ]);
  expect(parameters).toEqual(['first', '5', 'true']);
});

test('a list is one parameter, however long, and one that only the server understands is one for each', () => {
  expect(write([{ column: 'a_text', op: 'in', value: ['NULL', 'a"b\\', ''] }])).toEqual({
    sql: ['"a_text" = ANY ($1::pg_catalog.text[])'],
    parameters: [String.raw`{"NULL","a\"b\\",""}`],
  });
  expect(write([{ column: 'a_mood', op: 'not-in', value: ['ok', 'sad'] }]).sql).toEqual([
    '("a_mood" <> $1 AND "a_mood" <> $2)',
  ]);
  expect(write([{ column: 'a_mood', op: 'in', value: ['ok', 'sad'] }]).sql).toEqual([
    '("a_mood" = $1 OR "a_mood" = $2)',
  ]);
  expect(
    write([
      { column: 'an_int4', op: 'in', value: [] },
      { column: 'an_int4', op: 'not-in', value: [] },
    ]).sql,
  ).toEqual(['false', 'true']);
});

test.each([
  ['null', { column: 'an_int4', op: '=', value: null }, /"an_int4" with = has null.*is-null/],
  [
    'null in a list',
    { column: 'an_int4', op: 'in', value: [1, null] },
    /"an_int4" with in has null.*is-null/,
  ],
  ['no value', { column: 'an_int4', op: '!=' }, /has no value/],
  ['a value for none', { column: 'an_int4', op: 'is-null', value: 1 }, /with is-null takes no value/],
  ['no list', { column: 'an_int4', op: 'in', value: 1 }, /needs a list, not a number/],
  ['a list for one', { column: 'an_int4', op: '=', value: [1] }, /does not fit integer: a list/],
  ['an unknown operator', { column: 'an_int4', op: '~', value: 1 }, /unknown operator "~"; known are =, !=/],
  ['an unknown column', { column: 'updated_at', op: '=', value: 1 }, /unknown column "updated_at"/],
  ['a comparison of json', { column: 'a_json', op: '=', value: '{}' }, /json cannot be compared/],
])('%s is refused', (_what, condition, message) => {
  expect(() => write([condition])).toThrow(message);
  expect(() => write([condition])).toThrow(expect.objectContaining({ code: 'invalid-option' }) as Error);
});

test.each([
  ['an_int2', [32_768, -32_769, 1.5, NaN, '', '1.0', ' 1', true, 'x', 32_768n]],
  ['an_int4', [2 ** 31, NaN, Infinity, '', '1e3', '0x10', new Uint8Array()]],
  ['an_int8', [2 ** 53, 2n ** 63n, '9223372036854775808', '']],
  ['a_bool', ['true', 1, 0, '']],
  ['a_float4', [1e39, 1e-60, 1n, '1', '']],
  ['a_float8', [1n, '1', '', true]],
  ['a_numeric', ['', 'abc', '1,5', '1e', true]],
  ['a_text', [1, true, 'a\0b', '\ud800', {}]],
  ['a_bytea', ['\\x00', 'abc', [1]]],
  ['a_date', ['', 'today', '2024-02-30', '2023-02-29', '2024-13-01', '24-01-01', '2024-01-01T00:00:00', 1]],
  ['a_time', ['', '2024-01-01', '2024-01-01T00:00:00Z', '2024-01-01T24:00:00', '2024-01-01T00:00', 'now']],
  [
    'a_stamp',
    ['', '2024-01-01T00:00:00', '2024-01-01T00:00:00+25:99:00', '2024-01-01T00:61:00Z', 1_700_000_000],
  ],
  ['a_uuid', ['', 'nope', '6f2c1a4e00004000800000000000000', 1]],
  ['a_jsonb', ['', '{', 1]],
  ['a_mood', [1, new Uint8Array(), 'a\0']],
])('a value that does not fit %s is refused, and not told', (name, refused) => {
  for (const value of refused as readonly unknown[]) {
    const writing = () => write([{ column: name, op: '=', value }]);
    expect(writing).toThrow(new RegExp(`filter on "${name}" with = has a value that does not fit`));
    expect(() => write([{ column: name, op: 'in', value: [value] }])).toThrow('does not fit');
  }
});

test('a refusal says what kind of value was given', () => {
  const told = (value: unknown) => () => write([{ column: 'an_int4', op: '=', value }]);
  expect(told('hunter2')).toThrow(
    'filter on "an_int4" with = has a value that does not fit integer: a string; it must be a whole number from -2147483648 to 2147483647',
  );
  expect(told(NaN)).toThrow(/does not fit integer: NaN;/);
  expect(told('')).toThrow(/does not fit integer: an empty text;/);
});

test('whatever a text is, none of it is in the SQL', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      fc.pre(!value.includes('\0'));
      const { sql, parameters } = write([{ column: 'a_text', op: '=', value }]);
      expect(sql).toEqual(['"a_text" = $1::pg_catalog.text']);
      expect(parameters).toEqual([value]);
    }),
  );
});
