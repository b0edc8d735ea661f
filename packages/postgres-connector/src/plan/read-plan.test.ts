import { planRead } from './read-plan.js';
import type { ColumnDescription, TableDescription } from './table-description.js';

function column(name: string, typeOid = 23): ColumnDescription {
  return { name, sqlType: 'some type', typeOid, typeModifier: 7, nullable: true };
}

const table: TableDescription = {
  namespace: 'public',
  name: 'event',
  columns: [column('id'), column('At'), column('span', 1186)],
  deniedColumns: ['salary'],
  primaryKey: [],
};
const isDecodable = (typeOid: number): boolean => typeOid === 23;

function plan(columns?: readonly string[], of: TableDescription = table) {
  return planRead(of, columns, isDecodable);
}

test('all readable columns are read in the order of the table', () => {
  expect(plan().sql).toBe('SELECT "id", "At", "span"::pg_catalog.text FROM "public"."event"');
});

test('what has no decoder is cast to text and planned as text', () => {
  expect(plan(['span']).columns).toEqual([
    { name: 'span', sqlType: 'some type', typeOid: 25, typeModifier: -1, nullable: true, readAsText: true },
  ]);
});

test('an array of what has no decoder is cast to an array of texts, and planned as one', () => {
  const element = { typeOid: 869, sqlType: 'inet', type: { kind: 'text' } } as const;
  const hosts: ColumnDescription = { ...column('hosts', 1041), type: { kind: 'array', element } };
  const { sql, columns } = plan(undefined, { ...table, columns: [hosts] });
  expect(sql).toBe('SELECT "hosts"::pg_catalog.text[] FROM "public"."event"');
  expect(columns).toEqual([
    {
      ...hosts,
      ...{ typeOid: 1009, typeModifier: -1, readAsText: false },
      type: { kind: 'array', element: { ...element, typeOid: 25 } },
    },
  ]);
});

test('what its type says is decodable is read as it is, and what it says is text is not', () => {
  const mood: ColumnDescription = { ...column('mood', 90_000), type: { kind: 'enum', labels: ['ok'] } };
  const range: ColumnDescription = { ...column('range', 90_001), type: { kind: 'text' } };
  const { sql, columns } = plan(undefined, { ...table, columns: [mood, range] });
  expect(sql).toBe('SELECT "mood", "range"::pg_catalog.text FROM "public"."event"');
  expect(columns.map(({ typeOid, type }) => [typeOid, type?.kind])).toEqual([
    [90_000, 'enum'],
    [25, 'text'],
  ]);
});

test('chosen columns come in the order in which they are named', () => {
  expect(plan(['At', 'id']).sql).toBe('SELECT "At", "id" FROM "public"."event"');
  expect(plan([]).sql).toBe('SELECT  FROM "public"."event"');
});

test.each([
  ['an unknown column', ['nope'], 'invalid-option', /"nope".*it has "id", "At", "span"/],
  ['one in other letters', ['ID'], 'invalid-option', /"ID".*did you mean "id"\?/],
  ['one named twice', ['id', 'At', 'id'], 'invalid-option', /names "id" twice/],
  ['one that the role may not read', ['salary'], 'permission-denied', /may not read "salary"/],
])('%s is refused', (_what, columns, code, message) => {
  expect(() => plan(columns)).toThrow(message);
  expect(() => plan(columns)).toThrow(expect.objectContaining({ code }) as Error);
});

test('a table of which nothing may be read is refused, and one without columns is not', () => {
  expect(() => plan(undefined, { ...table, columns: [] })).toThrow(/may not read "salary"/);
  expect(plan(undefined, { ...table, columns: [], deniedColumns: [] }).columns).toEqual([]);
});

test('of a wide table only the first names are listed', () => {
  const columns = Array.from({ length: 100 }, (_, index) => column(`c${String(index)}`));
  expect(() => plan(['nope'], { ...table, columns })).toThrow(/"c19", …$/);
});
