import type { TargetColumn, TargetTable } from './target-table.js';
import { type Mode, planWrite, requireWritable, type Way } from './write-plan.js';
import { copyIn, createStaging, findDuplicate, merge, quickUpsert } from './write-sql.js';

function column(name: string, changes: Partial<TargetColumn> = {}): TargetColumn {
  return {
    ...{ name, sqlType: 'varchar(9)', castType: 'varchar', typeOid: 1043, isEnum: false },
    ...{ nullable: true, hasDefault: false, isGenerated: false },
    ...changes,
  };
}

const table: TargetTable = {
  ...{
    namespace: 'public',
    name: 'a "table"',
    kind: 'r',
    hasRowSecurity: false,
    takesMerge: true,
    uniqueKeys: [['part', 'id']],
  },
  columns: [
    column('id', { nullable: false }),
    column('part', { nullable: false, hasDefault: true }),
    column('v', { collation: '"pg_catalog"."C"' }),
    column('sum', { isGenerated: true }),
  ],
};

function plan(mode: Mode, key: readonly string[], names: readonly string[], way: Way = 'binary') {
  const given = names.map((name) => ({ name, typeName: 'Utf8' }));
  return planWrite(table, mode, key, given, () => way);
}

test('rows are copied to the table itself, in the order in which they are given', () => {
  const planned = plan('append', [], ['v', 'id']);
  expect(planned.isStaged).toBe(false);
  expect(copyIn(planned)).toBe('COPY "public"."a ""table""" ("v", "id") FROM STDIN (FORMAT binary)');
});

test('what is sent as text is staged, and cast to a type that does not cut', () => {
  const planned = plan('append', [], ['id', 'v'], 'as-text');
  expect(createStaging(planned)).toBe(
    'CREATE TEMPORARY TABLE sqlflow_staging (c0 pg_catalog.text, c1 pg_catalog.text) ON COMMIT DROP',
  );
  expect(copyIn(planned)).toBe('COPY pg_temp.sqlflow_staging FROM STDIN (FORMAT binary)');
  expect(merge(planned)).toBe(
    'INSERT INTO "public"."a ""table""" AS t ("id", "v") OVERRIDING SYSTEM VALUE ' +
      'SELECT s.c0::varchar, s.c1::varchar FROM pg_temp.sqlflow_staging AS s',
  );
});

test('an upsert takes the last row of a key from a numbered table, with the collations of the columns', () => {
  const planned = plan('upsert', ['id', 'part'], ['v', 'part', 'id']);
  expect(createStaging(planned)).toBe(
    'CREATE TEMPORARY TABLE sqlflow_staging (sqlflow_ordinal pg_catalog.int8, c0 varchar(9) COLLATE "pg_catalog"."C", ' +
      'c1 varchar(9), c2 varchar(9)) ON COMMIT DROP',
  );
  expect(merge(planned).replaceAll(/\s+/g, ' ')).toBe(
    'INSERT INTO "public"."a ""table""" AS t ("v", "part", "id") OVERRIDING SYSTEM VALUE ' +
      'SELECT DISTINCT ON (s.c1, s.c2) s.c0, s.c1, s.c2 FROM pg_temp.sqlflow_staging AS s ' +
      'ORDER BY s.c1, s.c2, s.sqlflow_ordinal DESC ' +
      'ON CONFLICT ("id", "part") DO UPDATE SET "v" = excluded."v"',
  );
  expect(findDuplicate(planned)).toContain('GROUP BY s.c1, s.c2 HAVING');
});

test('an upsert is tried by MERGE, which notices several rows of one key, or by ON CONFLICT where there is none', () => {
  const planned = plan('upsert', ['id', 'part'], ['v', 'part', 'id']);
  expect(quickUpsert(planned)?.replaceAll(/\s+/g, ' ')).toBe(
    'MERGE INTO "public"."a ""table""" AS t USING pg_temp.sqlflow_staging AS s ON t."part" = s.c1 AND t."id" = s.c2 ' +
      'WHEN MATCHED THEN UPDATE SET "v" = s.c0 ' +
      'WHEN NOT MATCHED THEN INSERT ("v", "part", "id") OVERRIDING SYSTEM VALUE VALUES (s.c0, s.c1, s.c2)',
  );
  const older = { ...planned, table: { ...table, takesMerge: false } };
  expect(quickUpsert(older)?.replaceAll(/\s+/g, ' ')).toBe(
    'INSERT INTO "public"."a ""table""" AS t ("v", "part", "id") OVERRIDING SYSTEM VALUE ' +
      'SELECT s.c0, s.c1, s.c2 FROM pg_temp.sqlflow_staging AS s ' +
      'ON CONFLICT ("id", "part") DO UPDATE SET "v" = excluded."v"',
  );
  expect(quickUpsert(plan('upsert', ['id', 'part'], ['part', 'id']))).toBeUndefined();
  expect(quickUpsert(plan('delete', ['id'], ['id']))).toBeUndefined();
});

test('a delete is by the key alone', () => {
  const planned = plan('delete', ['id'], ['unknown', 'id', 'sum']);
  expect(merge(planned)).toBe(
    'DELETE FROM "public"."a ""table""" AS t USING pg_temp.sqlflow_staging AS s WHERE t."id" = s.c0',
  );
});

test.each<[string, Mode, string[], string[], RegExp]>([
  [
    'a column that is not there',
    'append',
    [],
    ['id', 'more'],
    /has no column "more"; leave it out .* \(addColumns\)/,
  ],
  ['a column that must be there', 'append', [], ['v'], /no column "id", which .* must have: it is NOT NULL/],
  ['a column that the server computes', 'append', [], ['id', 'sum'], /the server computes "sum"/],
  ['a column of the key', 'delete', ['id', 'part'], ['id'], /no column "part", which is of the key/],
  ['a column given twice', 'append', [], ['id', 'id'], /two columns "id"/],
  ['no column at all', 'append', [], [], /have no columns/],
])('%s is drift', (_, mode, key, names, message) => {
  expect(() => plan(mode, key, names)).toThrow(message);
});

test('a column of another type is drift, and both types are said', () => {
  expect(() => planWrite(table, 'append', [], [{ name: 'id', typeName: 'Utf8' }], () => undefined)).toThrow(
    /column "id" of .* is varchar\(9\), and Utf8 in the batches/,
  );
});

test('a table is looked at before anything is taken', () => {
  expect(() => requireWritable(table, 'upsert', ['id', 'part'])).not.toThrow();
  expect(() => requireWritable(table, 'delete', ['v'])).not.toThrow();
  expect(() => requireWritable(table, 'upsert', ['id'])).toThrow(/needs a unique index/);
  expect(() => requireWritable(table, 'delete', ['nope'])).toThrow(/names "nope", which .* has not/);
  expect(() => requireWritable({ ...table, kind: 'v' }, 'append', [])).toThrow(/is a view/);
});
