import fc from 'fast-check';
import { type BlockRange, cutOf, keyBounds, planSlice, sliceByBlocks, sliceByKey } from './partition-plan.js';
import type { StoredPart } from './storage.js';
import type { TableDescription } from './table-description.js';

const table: TableDescription = {
  namespace: 'public',
  name: 'event',
  columns: [
    { name: 'id', sqlType: 'integer', typeOid: 23, typeModifier: -1, nullable: false },
    { name: 'kind', sqlType: 'text', typeOid: 25, typeModifier: -1, nullable: true },
  ],
  deniedColumns: [],
  primaryKey: [],
};

function part(name: string, blocks: number, changes: Partial<StoredPart> = {}): StoredPart {
  return { namespace: 'public', name, kind: 'r', blocks, isReadable: true, isSecured: false, ...changes };
}

function rangesOf(parts: readonly StoredPart[], count: number): (readonly BlockRange[])[] {
  return sliceByBlocks(parts, count).map((slice) => ('blocks' in slice ? slice.blocks : []));
}

test('slices have every block of every table in exactly one, are as many as can be, and even', () => {
  const parts = fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 70 }), (blocks, count) => {
      const tables = blocks.map((size, index) => part(`t${String(index)}`, size));
      const total = blocks.reduce((sum, size) => sum + size, 0);
      const slices = rangesOf(tables, count);
      expect(slices).toHaveLength(Math.max(1, Math.min(count, total)));
      for (const { name, blocks: size } of tables) {
        const ranges = slices.flat().filter((range) => range.name === name);
        let next: number | undefined = 0;
        for (const { from = 0, to } of ranges) {
          expect(from).toBe(next);
          next = to;
        }
        expect(ranges.length).toBeGreaterThan(0);
        expect(next).toBeUndefined(); // the last one is open
        if (size > 0) for (const { from = 0, to = size } of ranges) expect(to).toBeGreaterThan(from);
      }
      for (const slice of slices) {
        expect(slice.length).toBeGreaterThan(0);
        const size = slice.reduce((sum, { name, from = 0, to }) => {
          return sum + (to ?? tables.find((each) => each.name === name)?.blocks ?? 0) - from;
        }, 0);
        expect(Math.abs(size - total / slices.length)).toBeLessThan(1);
      }
    }),
  );
});

test('a table without storage of its own is in no slice', () => {
  expect(rangesOf([part('top', 0, { kind: 'p' }), part('leaf', 0)], 5)).toEqual([
    [{ namespace: 'public', name: 'leaf' }],
  ]);
});

test('a relation is cut by its blocks where that gives what a read gives', () => {
  const own = [part('event', 9)];
  expect(cutOf(table, own, 150_000, 4, undefined)).toBe('blocks');
  expect(cutOf(table, own, 150_000, 1, undefined)).toBe('whole');
  expect(cutOf(table, own, 150_000, 4, 'kind')).toEqual({ column: 'kind' });
  expect(cutOf(table, [part('event', 9, { isSecured: true })], 150_000, 4, undefined)).toBe('blocks');
  expect(cutOf(table, [part('top', 0, { kind: 'p' })], 150_000, 4, undefined)).toBe('whole');
  const top = part('top', 0, { kind: 'p' });
  expect(cutOf(table, [top, part('a', 1), part('b', 1, { kind: 'f' })], 150_000, 4, undefined)).toBe(
    'blocks',
  );
});

test.each([
  ['a view', [part('event', 0, { kind: 'v' })], 150_000],
  ['a foreign table', [part('event', 0, { kind: 'f' })], 150_000],
  ['a query', [], 150_000],
  [
    'a partition that may not be read',
    [part('top', 0, { kind: 'p' }), part('a', 1, { isReadable: false })],
    150_000,
  ],
  ['a policy', [part('top', 0, { kind: 'p', isSecured: true }), part('a', 1)], 150_000],
  ['a server that cannot scan blocks', [part('event', 9)], 130_020],
])('%s takes a column: that asked for, or the first of the primary key', (_what, parts, version) => {
  expect(cutOf({ ...table, primaryKey: ['id', 'kind'] }, parts, version, 4, undefined)).toEqual({
    column: 'id',
  });
  expect(() => cutOf(table, parts, version, 4, undefined)).toThrow(
    /"public"."event" cannot be cut.*option "key"/,
  );
});

test('ranges of a column meet, the first has what is null, and values that fill several are one bound', () => {
  expect(keyBounds(table, 'id', 4).parameters).toEqual(['{0.25,0.5,0.75}']);
  expect(sliceByKey('id', ['3', '3', '7'])).toEqual([
    { key: { column: 'id', to: '3' } },
    { key: { column: 'id', from: '3', to: '7' } },
    { key: { column: 'id', from: '7' } },
  ]);
  expect(sliceByKey('id', [])).toEqual([{ key: { column: 'id' } }]);
});

test('a slice is read with the columns and the filter of a read', () => {
  const filter = [{ column: 'kind', op: '=', value: 'a' }] as const;
  const plan = (slice: Parameters<typeof planSlice>[1]) => {
    const { sql, parameters } = planSlice(table, slice, ['id'], () => true, filter);
    return [sql, parameters];
  };
  expect(plan({ key: { column: 'id', from: '3', to: '7' } })).toEqual([
    'SELECT "id" FROM "public"."event" WHERE "id" >= $2 AND "id" < $3 AND "kind" = $1::pg_catalog.text',
    ['a', '3', '7'],
  ]);
  expect(plan({ key: { column: 'id', to: '3' } })[0]).toContain('WHERE ("id" IS NULL OR "id" < $2) AND');
  expect(plan({ whole: true })[0]).toBe(
    'SELECT "id" FROM "public"."event" WHERE "kind" = $1::pg_catalog.text',
  );
  const ranges = [
    { namespace: 'public', name: 'a', from: 7 },
    { namespace: 'public', name: 'b"', to: 2 },
  ];
  expect(plan({ blocks: ranges })).toEqual([
    `SELECT "id" FROM ONLY "public"."a" WHERE ctid >= '(7,0)'::pg_catalog.tid AND "kind" = $1::pg_catalog.text` +
      ` UNION ALL SELECT "id" FROM ONLY "public"."b""" WHERE ctid < '(2,0)'::pg_catalog.tid AND "kind" = $1::pg_catalog.text`,
    ['a'],
  ]);
});
