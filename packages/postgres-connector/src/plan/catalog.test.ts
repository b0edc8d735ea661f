import { type CatalogRow, describeTable, listTables, toTableDescriptions } from './catalog.js';

function row(changes: Record<string, string | null>): CatalogRow {
  return {
    relation: '1',
    namespace: 'public',
    name: 'a',
    estimated_rows: null,
    estimated_bytes: null,
    column_name: 'id',
    sql_type: 'integer',
    type_oid: '23',
    type_modifier: '-1',
    nullable: 'f',
    readable: 't',
    key_position: null,
    ...changes,
  };
}

test('rows of one relation become one table, in the order of the rows', () => {
  const tables = toTableDescriptions([
    row({ key_position: '1', estimated_rows: '12.6', estimated_bytes: '8192' }),
    row({ column_name: 'kind', key_position: '0', nullable: 't' }),
    row({ relation: '2', name: 'b' }),
  ]);
  expect(tables.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(tables[0]).toMatchObject({ primaryKey: ['kind', 'id'], estimatedRows: 13, estimatedBytes: 8192 });
  expect(tables[0]?.columns.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['id', false],
    ['kind', true],
  ]);
  expect(tables[1]).not.toHaveProperty('estimatedRows');
});

test('a column that may not be read is apart, and a key that holds it is none', () => {
  const [table] = toTableDescriptions([
    row({ key_position: '0' }),
    row({ column_name: 'secret', readable: 'f', key_position: '1' }),
  ]);
  expect(table).toMatchObject({ deniedColumns: ['secret'], primaryKey: [] });
  expect(table?.columns.map(({ name }) => name)).toEqual(['id']);
});

test('a table without columns is a table', () => {
  const none = { column_name: null, sql_type: null, type_oid: null, nullable: null, readable: null };
  expect(toTableDescriptions([row(none)])).toMatchObject([{ name: 'a', columns: [], deniedColumns: [] }]);
});

test('names travel as parameters, never in the text', () => {
  const hostile = `x'"; DROP TABLE victim; --`;
  for (const query of [describeTable(hostile, hostile), listTables([hostile])]) {
    expect(query.sql).not.toContain('victim');
    expect(query.parameters).toContain(hostile);
  }
});
