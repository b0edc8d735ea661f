import { type Checkpoint, type Row, rowsOf } from '@sqlflow/connector-contract';
import type { PostgresIncrementalOptions } from '@sqlflow/postgres-connector';
import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import { byAt, event, ids, read, refusal } from './incremental-reads.js';
import { sourceOn } from './sources.js';

describeIntegration('postgres', 'options of incremental reads', () => {
  test('rows that were given before "until" came to lie below them do not come again', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE event (id bigint PRIMARY KEY, at int NOT NULL);
      INSERT INTO event SELECT g, g FROM generate_series(1, 10) AS g`);
    await using source = sourceOn(database);
    const first = await read(source, 'event', byAt);
    await database.query('INSERT INTO event VALUES (11, 2), (12, 8)');
    const second = await read(source, 'event', { ...byAt, until: 5 }, first);
    expect(ids(second.rows)).toEqual([11]);
    await database.query('INSERT INTO event VALUES (13, 6)');
    const third = await read(source, 'event', { ...byAt, until: 7 }, second);
    expect(ids(third.rows)).toEqual([13]);
    expect(ids((await read(source, 'event', byAt, third)).rows)).toEqual([12]);
  });

  test('a row stamped ahead, given by row versions, does not come again when the next read is held back', async () => {
    await using database = await leaseDatabase();
    await database.query(`${event}; INSERT INTO event VALUES (1, now() + interval '1 hour'), (2, now())`);
    await using source = sourceOn(database);
    const first = await read(source, 'event', { ...byAt, commitSafety: 'row-version' });
    expect(ids(first.rows)).toEqual([1, 2]);
    await database.query('INSERT INTO event VALUES (4)');
    const second = await read(source, 'event', byAt, first);
    await database.query(
      `INSERT INTO event VALUES (3); UPDATE event SET at = now(), note = 'earlier' WHERE id = 1`,
    );
    const third = await read(source, 'event', byAt, second);
    const fourth = await read(source, 'event', { ...byAt, commitSafety: 'row-version' }, third);
    expect([second, third, fourth].map(({ rows }) => ids(rows))).toEqual([[4], [1, 3], []]);
  });

  test('without a key a read is refused, or repeats the rows of the last cursor if it may', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE event (id int UNIQUE, at int NOT NULL);
      INSERT INTO event VALUES (1, 1), (2, 1), (3, 2), (NULL, 2)`);
    await using source = sourceOn(database);
    expect(await refusal(read(source, 'event', byAt))).toContain(
      '[unsupported] "public"."event" has no primary key and no unique index on columns that are never null',
    );
    const all = await read(source, 'event', { ...byAt, atLeastOnce: true });
    expect(all.rows).toHaveLength(4);
    const given: Row[] = [];
    let checkpoint: Checkpoint | undefined;
    for await (const one of source.readIncremental(
      { name: 'event' },
      { ...byAt, atLeastOnce: true, batchRows: 1 },
    )) {
      given.push(...rowsOf(one.batch));
      ({ checkpoint } = one);
      if (given.length === 3) break;
    }
    const rest = await read(source, 'event', { ...byAt, atLeastOnce: true }, { checkpoint });
    expect(rest.rows).toHaveLength(2);
    // NULLs in a named key are put in order too.
    const named = { ...byAt, key: ['id'], batchRows: 1 };
    expect((await read(source, 'event', named)).rows).toHaveLength(4);
  });

  test('a filter and a choice of columns hold, and a checkpoint of another filter is refused', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE event (id bigint PRIMARY KEY, at int NOT NULL, kind text);
      INSERT INTO event VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'a')`);
    await using source = sourceOn(database);
    const options = {
      ...byAt,
      columns: ['kind', 'id'],
      filter: [{ column: 'kind', op: '=', value: 'a' }],
      batchRows: 1,
    } as const;
    const first = await read(source, 'event', options);
    expect(first.rows).toEqual([
      { kind: 'a', id: 1n },
      { kind: 'a', id: 3n },
    ]);
    await database.query(`INSERT INTO event VALUES (4, 0, 'a'), (5, 5, 'b')`);
    expect(ids((await read(source, 'event', options, first)).rows)).toEqual([4]);
    expect(await refusal(read(source, 'event', byAt, first))).toContain(
      'it is of a read with another filter',
    );
  });

  test('a read that broke in a pass without a guarantee has none, though it ends in one that is held back', async () => {
    await using database = await leaseDatabase();
    // Wide, so that the server is not done with them when the first is taken.
    await database.query(`${event}; CREATE VIEW seen AS SELECT * FROM event;
      INSERT INTO event SELECT i, now() - interval '1 hour', repeat('x', 1000000) FROM generate_series(1, 40) i`);
    await database.query(
      `BEGIN; INSERT INTO event VALUES (41); PREPARE TRANSACTION '${database.endpoint.database}'`,
    );
    await using source = sourceOn(database, { applicationName: 'to be cut' });
    const reading = source.readIncremental({ name: 'seen' }, { ...byAt, key: ['id'], batchRows: 1 });
    let count = 0;
    for await (const { batch } of reading) {
      if (count === 0) {
        expect(reading.report?.guarantee.kind).toBe('none');
        await database.query(`ROLLBACK PREPARED '${database.endpoint.database}'`);
        await database.query(
          `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'to be cut'`,
        );
      }
      count += batch.numRows;
    }
    expect(count).toBe(40);
    expect(reading.report?.guarantee).toMatchObject({
      kind: 'none',
      because: expect.stringContaining(
        'what was read before had no guarantee: 1 prepared transactions are open',
      ) as string,
    });
  });

  test('reads from a checkpoint promise no more than the reads before it could', async () => {
    await using database = await leaseDatabase();
    await database.query(`${event}; CREATE VIEW seen AS SELECT * FROM event;
      INSERT INTO event SELECT i, now() - interval '1 hour' FROM generate_series(1, 3) i`);
    await using source = sourceOn(database);
    const options = { ...byAt, key: ['id'] };
    const whole = await read(source, 'event', { ...options, lagMs: 60_000 }); // which leaves nothing out
    expect((await read(source, 'event', options, whole)).kind).toBe('held-back');
    await database.query(`INSERT INTO event VALUES (10, now() - interval '2 seconds')`);
    const lagging = await read(source, 'event', { ...options, lagMs: 60_000 }, whole);
    expect(ids(lagging.rows)).toEqual([10]);
    const unsafe = await read(source, 'seen', { ...options, commitSafety: 'none' });
    await database.query(`INSERT INTO event VALUES (4, now() - interval '1 minute')`);
    const table = await read(source, 'event', options, lagging);
    const view = await read(source, 'seen', options, unsafe);
    await database.query(`INSERT INTO event VALUES (5, now() - interval '10 seconds')`);
    const guarantees = [
      table,
      await read(source, 'event', { ...options, commitSafety: 'row-version' }, table),
      view,
      await read(source, 'seen', options, view),
    ].map(({ report }) => report?.guarantee);
    const lag = { kind: 'lag', lagMs: 60_000 };
    const none = {
      kind: 'none',
      because: "what was read before had no guarantee: the option commitSafety is 'none'",
    };
    expect(guarantees).toEqual([lag, lag, none, none]);
  });

  test('a query is read as a view is', async () => {
    await using database = await leaseDatabase();
    const insert = `INSERT INTO event SELECT i, now() - interval '1 hour' + i * interval '1 second' FROM`;
    await database.query(`${event}; ${insert} generate_series(1, 2) i`);
    await using source = sourceOn(database, { queries: { named: 'SELECT * FROM event -- all' } });
    const options = { ...byAt, key: ['id'], batchRows: 1 };
    const first = await read(source, 'named', options);
    expect([ids(first.rows), first.kind]).toEqual([[1, 2], 'held-back']);
    await database.query(`${insert} generate_series(3, 3) i`);
    expect(ids((await read(source, 'named', options, first)).rows)).toEqual([3]);
  });

  test('a report says whether an index begins with the cursor', async () => {
    await using database = await leaseDatabase();
    await database.query(`${event}; CREATE VIEW seen AS SELECT * FROM event;
      CREATE INDEX ON event (note, at); CREATE INDEX ON event (at) WHERE id > 0`);
    await using source = sourceOn(database);
    const isIndexed = async (name: string) => {
      return (await read(source, name, { ...byAt, key: ['id'] })).report?.isCursorIndexed;
    };
    expect([await isIndexed('event'), await isIndexed('seen')]).toEqual([false, undefined]);
    await database.query('CREATE INDEX ON event (at, id)');
    expect(await isIndexed('event')).toBe(true);
  });

  test('a named key that does not tell rows apart is found out', async () => {
    await using database = await leaseDatabase();
    await database.query(
      `CREATE TABLE event (id int, at int NOT NULL); INSERT INTO event VALUES (1, 1), (1, 1)`,
    );
    await using source = sourceOn(database);
    const message = await refusal(read(source, 'event', { ...byAt, key: ['id'], batchRows: 1 }));
    expect(message).toContain('[invalid-data] rows of one cursor have the same key ("id")');
  });

  test.each<[string, PostgresIncrementalOptions, string]>([
    [
      'an unknown cursor',
      { cursorField: 'AT' },
      'option "cursorField" names "AT", which "public"."event" has not; did you mean "at"?',
    ],
    ['an unknown key', { ...byAt, key: ['no'] }, 'option "key" names "no"'],
    ['a cursor that has no order', { cursorField: 'doc' }, 'json'],
    [
      'an until that is no value of the type',
      { ...byAt, until: 'yesterdayish' },
      'the server refused a value',
    ],
    [
      'lagMs on a number',
      { cursorField: 'id', lagMs: 5 },
      'option "lagMs" needs a cursor that is a time or a date, and this one is bigint',
    ],
  ])('%s is refused', async (_, options, message) => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE event (id bigint PRIMARY KEY, at timestamptz NOT NULL, doc json)');
    await using source = sourceOn(database);
    expect(await refusal(read(source, 'event', options))).toContain(message);
  });

  test('a checkpoint of another cursor, key, kind of NULLs or server is refused, and says which', async () => {
    await using database = await leaseDatabase();
    await database.query(
      `CREATE TABLE event (id bigint PRIMARY KEY, at int NOT NULL, other int UNIQUE); INSERT INTO event VALUES (1, 1, 1)`,
    );
    await using source = sourceOn(database);
    const first = await read(source, 'event', byAt);
    const cases: [PostgresIncrementalOptions, string][] = [
      [{ cursorField: 'other' }, 'it is of cursorField "at", and this read is of "other"'],
      [{ ...byAt, key: ['other'] }, 'it is of key ["id"], and this read is of ["other"]'],
      [{ ...byAt, nullCursors: 'exclude' }, 'it is of nullCursors "include-first"'],
      [{ ...byAt, commitSafety: 'none' }, 'is of a read with row versions'],
    ];
    for (const [options, message] of cases) {
      expect(await refusal(read(source, 'event', options, first))).toContain(message);
    }
    const text = JSON.stringify(first.checkpoint).replace(/"system":"\d+"/, '"system":"1"');
    const foreign = { checkpoint: JSON.parse(text) as Checkpoint };
    expect(await refusal(read(source, 'event', byAt, foreign))).toContain('it is of system "1"');
  });
});
