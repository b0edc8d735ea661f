import { describeIntegration, leaseDatabase, tagged } from '@sqlflow/test-harness';
import { readAll, sourceOn } from './sources.js';

describeIntegration('postgres', 'queries', () => {
  tagged('smoke')('a query is read and discovered as a stream, by columns and filters too', async () => {
    await using database = await leaseDatabase();
    await database.query(
      `CREATE TABLE t AS SELECT i AS id, i * 1.5::numeric(9,2) AS amount FROM generate_series(1, 10) i`,
    );
    await using source = sourceOn(database, {
      queries: {
        'Totals; "all"':
          'SELECT id % 2 AS odd, sum(amount)::numeric(12,2) AS "sum(amount)" FROM t GROUP BY 1',
      },
    });
    const [stream] = await source.discover();
    expect(stream).toMatchObject({ namespace: '', name: 'Totals; "all"', primaryKey: [] });
    expect(
      stream?.schema.fields.map((field) => [
        field.name,
        String(field.type),
        field.metadata.get('postgres:type'),
      ]),
    ).toEqual([
      ['odd', 'Int32', 'integer'],
      ['sum(amount)', 'Decimal[12e+2]', 'numeric(12,2)'],
    ]);
    expect(await source.discover()).toHaveLength(2);
    const filter = [{ column: 'sum(amount)', op: '>', value: '40' }] as const;
    expect(await readAll(source, 'Totals; "all"', { columns: ['sum(amount)'], filter })).toEqual([
      { 'sum(amount)': '45.00' },
    ]);
  });

  test.each([
    ['a semicolon at the end', 'SELECT 1 AS x;'],
    ['a comment at the end', 'SELECT 1 AS x -- one'],
    ['both, and more of them', 'SELECT 1 AS x ; -- one; two\n ; /* three; /* four */ */ ;'],
    ['VALUES', 'VALUES (1)'],
    ['TABLE', 'TABLE one'],
    ['WITH', 'WITH w AS (SELECT 1 AS x) SELECT * FROM w'],
    [
      'a percent sign and marks in quotes',
      `SELECT 1 AS x WHERE '%s; $1 ('')' LIKE '\\%%' AND ")" = $a$;'$a$ AND E'\\';' = $$';$$`,
    ],
  ])('%s does no harm', async (_what, sql) => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE one AS SELECT 1 AS x');
    await using source = sourceOn(database, {
      queries: { q: sql.replace('")"', `';'`).replace("$a$;'$a$", `$a$;$a$`) },
    });
    expect(Object.values((await readAll(source, 'q'))[0] ?? {})).toEqual([1]);
  });

  test.each([
    ['a statement that is no query', 'DELETE FROM t RETURNING x', 'invalid-request'],
    ['one that writes on its way', 'WITH w AS (DELETE FROM t RETURNING x) SELECT * FROM w', 'unsupported'],
    ['one that writes in a function', `SELECT setval('s', 5) AS x`, 'permission-denied'],
    ['one of what is not there', 'SELECT * FROM nowhere', 'not-found'],
    ['one with two columns of one name', 'SELECT 1 AS x, 2 AS x', 'invalid-option'],
  ])('%s is refused', async (_what, sql, code) => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT 1 AS x; CREATE SEQUENCE s');
    await using source = sourceOn(database, { queries: { q: sql } });
    await expect(readAll(source, 'q')).rejects.toMatchObject({ code, kind: 'terminal' });
    expect(await database.query('SELECT * FROM t')).toEqual([{ x: 1 }]);
    const [last] = await database.query('SELECT last_value::int FROM s');
    expect(last).toEqual({ last_value: 1 });
  });

  test('a query hides a table of its name, which its schema still tells from it', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT 1 AS x');
    await using source = sourceOn(database, { queries: { t: 'SELECT 2 AS x' } });
    expect(await readAll(source, 't')).toEqual([{ x: 2 }]);
    const xs: unknown[] = [];
    for (const stream of await source.discover()) {
      for await (const batch of source.read(stream)) xs.push(batch.getChildAt(0)?.get(0));
    }
    expect(xs).toEqual([2, 1]);
    await expect(source.read({ namespace: '', name: 'u' }).next()).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('an abort ends the description of a query on the server', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (x int); BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
    await using source = sourceOn(database, { queries: { q: 'SELECT * FROM t' } });
    const abort = new AbortController();
    const reading = readAll(source, 'q', { signal: abort.signal });
    const outcome = expect(reading).rejects.toBe('enough');
    await database.query('SELECT pg_stat_clear_snapshot()');
    abort.abort('enough');
    await outcome;
    await database.query('COMMIT');
  });
});
