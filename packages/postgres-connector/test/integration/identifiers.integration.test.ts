import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import { readAll, sourceOn } from './sources.js';

const hostile = [
  'x"; DROP TABLE victim; --',
  `'; DROP TABLE victim; --`,
  '"',
  '$1',
  'a.b',
  'select',
  'Ünï çödé 😀',
  '  ',
  'back\\slash',
  'new\nline',
  '__proto__',
  '%s %I',
];

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

describeIntegration('postgres', 'identifiers', () => {
  test('a hostile name of a schema, table, column or type reads data and runs nothing', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE victim AS SELECT 1 AS x');
    for (const name of hostile) {
      const id = quoted(name);
      await database.query(`CREATE SCHEMA ${id}; CREATE TYPE ${id}.${quoted(`${name}!`)} AS ENUM ('a');
        CREATE TABLE ${id}.${id} (${id} ${id}.${quoted(`${name}!`)} PRIMARY KEY, x int); INSERT INTO ${id}.${id} VALUES ('a', 7)`);
      await using source = sourceOn(database, { schema: name });
      const expected = Object.fromEntries([
        [name, 'a'],
        ['x', 7],
      ]);
      expect(await readAll(source, name)).toEqual([expected]);
      expect(await readAll(source, name, { columns: ['x', name] })).toEqual([expected]);
      expect(await source.discover()).toMatchObject([{ namespace: name, name, primaryKey: [name] }]);
      expect((await source.testConnection()).ok).toBe(true);
    }
    expect(await database.query('SELECT x FROM victim')).toEqual([{ x: 1 }]);
  });

  test('a name that is too long finds nothing, not the table whose name it begins with', async () => {
    await using database = await leaseDatabase();
    const longest = 'x'.repeat(63);
    await database.query(`CREATE TABLE ${longest} AS SELECT 1 AS a`);
    await using source = sourceOn(database);
    expect(await readAll(source, longest)).toEqual([{ a: 1 }]);
    await expect(readAll(source, `${longest}y`)).rejects.toMatchObject({ code: 'not-found' });
  });
});
