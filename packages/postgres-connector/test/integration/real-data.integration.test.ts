import { type Row, rowsOf } from '@sqlflow/connector-contract';
import { describeIntegration, leaseDatabase, type LeasedDatabase } from '@sqlflow/test-harness';
import { tableFromIPC } from 'apache-arrow';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { sourceOn } from './sources.js';

const folder = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');

/** Creates a table and fills it, 50,000 rows a statement. Its first column, `n`, is the place of a row. */
async function load(
  database: LeasedDatabase,
  types: Readonly<Record<string, string>>,
  loaded: readonly Row[],
): Promise<void> {
  const names = Object.keys(types).map((name) => `"${name}"`);
  const columns = Object.entries(types).map(([name, type]) => `"${name}" ${type}`);
  await database.query(`CREATE TABLE data (n int PRIMARY KEY, ${columns.join(', ')})`);
  const places = Object.values(types).map((type, index) => `$${String(index + 2)}::text[]::${type}[]`);
  for (let start = 0; start < loaded.length; start += 50_000) {
    const part = loaded.slice(start, start + 50_000);
    const values = Object.keys(types).map((name) =>
      part.map((row) => {
        const value = row[name] ?? null;
        return typeof value === 'string' || value === null ? value : JSON.stringify(value);
      }),
    );
    await database.query(
      `INSERT INTO data (n, ${names.join(', ')}) SELECT * FROM unnest($1::int[], ${places.join(', ')})`,
      [part.map((_, index) => start + index), ...values],
    );
  }
}

/** Reads the table back, with each row at its place, and without the place. */
async function readBack(database: LeasedDatabase): Promise<Row[]> {
  await using source = sourceOn(database);
  const read: Row[] = [];
  for await (const batch of source.read({ name: 'data' })) {
    for (const { n, ...row } of rowsOf(batch)) read[Number(n)] = row;
  }
  return read;
}

/** Like `toEqual` for many rows, with the first difference alone in the message. */
function expectSameRows(read: readonly Row[], expected: readonly Row[]): void {
  expect(read.length).toBe(expected.length);
  const first = expected.findIndex((row, index) => JSON.stringify(read[index]) !== JSON.stringify(row));
  expect([first, read[first]]).toEqual([-1, undefined]);
}

describeIntegration('postgres', 'real data', { tags: ['slow'] }, () => {
  test('200,000 flights from an Arrow file come back equal, row for row and value for value', async () => {
    await using database = await leaseDatabase();
    const table = tableFromIPC(await readFile(join(folder, 'flights-200k.arrow')));
    const flights = table.batches.flatMap((batch) => [...rowsOf(batch)]);
    expect(flights).toHaveLength(200_000);
    const types = Object.fromEntries(
      table.schema.fields.map(({ name, type }) => [name, String(type) === 'Int16' ? 'int2' : 'float4']),
    );
    await load(database, types, flights);
    expectSameRows(await readBack(database), flights);
  }, 60_000);

  test('3,201 films come back equal: text in many scripts, numbers and nulls as they were', async () => {
    await using database = await leaseDatabase();
    const films = JSON.parse(await readFile(join(folder, 'movies.json'), 'utf8')) as Row[];
    expect(films).toHaveLength(3201);
    const types = Object.fromEntries(
      Object.keys(films[0] ?? {}).map((name) => [name, typeOfAll(films, name)]),
    );
    expect(Object.values(types)).toEqual(expect.arrayContaining(['text', 'float8', 'int4']));
    const comparable = films.map((film) =>
      Object.fromEntries(
        Object.entries(types).map(([name, type]) => {
          const value = film[name] ?? null;
          return [name, type === 'text' && typeof value === 'number' ? String(value) : value];
        }),
      ),
    );
    await load(database, types, comparable);
    expectSameRows(await readBack(database), comparable);
  });

  test('3,376 airports come back equal, their coordinates with every digit they have', async () => {
    await using database = await leaseDatabase();
    const [header = '', ...lines] = (await readFile(join(folder, 'airports.csv'), 'utf8'))
      .trim()
      .split(/\r?\n/);
    const names = header.split(',');
    const airports = lines.map((line) => {
      const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => {
        return quoted?.replaceAll('""', '"') ?? plain ?? '';
      });
      return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? null]));
    });
    expect(airports).toHaveLength(3376);
    const types = Object.fromEntries(
      names.map((name) => [name, name.endsWith('itude') ? 'numeric' : 'text']),
    );
    await load(database, types, airports);
    expectSameRows(await readBack(database), airports);
  });
});

function typeOfAll(all: readonly Row[], name: string): 'int4' | 'float8' | 'text' {
  const values = all.map((row) => row[name] ?? null).filter((value) => value !== null);
  if (values.every((value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31)) return 'int4';
  return values.every((value) => typeof value === 'number') ? 'float8' : 'text';
}
