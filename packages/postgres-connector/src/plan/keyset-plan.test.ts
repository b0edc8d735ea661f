import { afterCheckpoint, fullCheckpoint } from './full-checkpoint.js';
import { planKeyset, planNullCheck } from './keyset-plan.js';
import type { TableDescription } from './table-description.js';
import { chooseKey } from './unique-key.js';

const id = { name: 'id', sqlType: 'integer', typeOid: 23, typeModifier: -1, nullable: false };
const label = {
  name: 'label',
  sqlType: 'character varying(20)',
  typeOid: 1043,
  typeModifier: 24,
  nullable: true,
};
const table: TableDescription = {
  namespace: 'public',
  name: 'event',
  columns: [id, label],
  deniedColumns: ['secret'],
  primaryKey: ['id'],
};
const filter = [{ column: 'id', op: '>', value: 5 }] as const;

test('a read begins at the smallest key, or after a place, by the operators of the key itself', () => {
  const read = { table, key: [label, id], columns: ['id'], filter };
  expect(planKeyset(read, undefined, () => true)).toMatchObject({
    sql:
      'SELECT "id", r."label"::pg_catalog.text, r."id"::pg_catalog.text FROM "public"."event" AS "r"' +
      ' WHERE "id" > $1::pg_catalog.int4 ORDER BY r."label", r."id"',
    parameters: ['5'],
  });
  const resumed = planKeyset(read, ['x', '7'], () => true);
  expect(resumed.sql).toContain('AND (r."label", r."id") > ($2, $3) ORDER BY');
  expect(resumed.parameters).toEqual(['5', 'x', '7']);
  expect(resumed.columns.map(({ name, typeOid }) => [name, typeOid])).toEqual([
    ['id', 23],
    ['label', 25],
    ['id', 25],
  ]);
});

test('only a key that may be null is looked at for it', () => {
  expect(planNullCheck({ table, key: [id], columns: undefined, filter })).toBeUndefined();
  expect(planNullCheck({ table, key: [label, id], columns: undefined, filter })?.sql).toBe(
    'SELECT EXISTS (SELECT FROM "public"."event" WHERE "id" > $1::pg_catalog.int4 AND ("label" IS NULL)) AS found',
  );
});

const indexes = [
  { index: '1', column_name: 'secret' },
  { index: '2', column_name: 'label' },
  { index: '3', column_name: 'id' },
];

test('a key is unique if an index on some of its columns is', () => {
  expect(chooseKey(table, indexes, undefined)).toEqual({ columns: [id], isUnique: true });
  expect(chooseKey(table, indexes, ['label', 'id'])).toEqual({ columns: [label, id], isUnique: true });
  expect(chooseKey(table, [], ['label'])).toEqual({ columns: [label], isUnique: false });
  expect(() => chooseKey(table, indexes.slice(0, 2), undefined)).toThrow(
    /has no primary key.*of "id", "label"$/,
  );
  expect(() => chooseKey(table, indexes, ['Id'])).toThrow(/option "key" names "Id".*did you mean "id"/);
  expect(() => chooseKey(table, indexes, ['secret'])).toThrow(
    expect.objectContaining({ code: 'permission-denied' }) as Error,
  );
});

test('a checkpoint names its stream and key, and a longer text type is no other one', () => {
  const checkpoint = fullCheckpoint(table, [label, id], ['x', '7']);
  expect(checkpoint).toEqual({
    format: 'postgres/full',
    version: 1,
    position: {
      stream: ['public', 'event'],
      key: [
        ['label', 'character varying'],
        ['id', 'integer'],
      ],
      after: ['x', '7'],
    },
  });
  const longer = { ...label, sqlType: 'character varying(40)' };
  expect(afterCheckpoint(checkpoint, table, [longer, id])).toEqual(['x', '7']);
  expect(() => afterCheckpoint(checkpoint, table, [id, label])).toThrow(
    /another key than "id" integer, "label"/,
  );
  expect(() => afterCheckpoint(checkpoint, { ...table, namespace: '' }, [label, id])).toThrow(/not one of/);
});
