import { type Checkpoint, type Row, rowsOf } from '@sqlflow/connector-contract';
import type { PostgresIncrementalOptions } from '@sqlflow/postgres-connector';
import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import { byAt, event, ids, read, refusal, session } from './incremental-reads.js';
import { sourceOn } from './sources.js';

describeIntegration('postgres', 'gaps of incremental reads', () => {
  test.each<[string, Partial<PostgresIncrementalOptions>, string]>([
    ['held back', {}, 'held-back'],
    ['by row versions', { commitSafety: 'row-version' }, 'row-version'],
    ['with a lag', { lagMs: 60_000 }, 'lag'],
  ])(
    '%s, a row comes though it is updated without a stamp while the read is interrupted',
    async (_, how, kind) => {
      await using database = await leaseDatabase();
      await database.query(`${event};
        INSERT INTO event SELECT i, now() - interval '1 hour' + i * interval '1 s', 'old' FROM generate_series(1, 3) i`);
      await using source = sourceOn(database);
      const options = { ...byAt, ...how, batchRows: 1 };
      const given: Row[] = [];
      let checkpoint: Checkpoint | undefined;
      for await (const one of source.readIncremental({ name: 'event' }, options)) {
        given.push(...rowsOf(one.batch));
        ({ checkpoint } = one);
        break;
      }
      await database.query(`UPDATE event SET note = 'new' WHERE id = 3`);
      const rest = await read(source, 'event', options, { checkpoint });
      expect([ids([...given, ...rest.rows]), rest.kind]).toEqual([[1, 2, 3], kind]);
      expect(rest.rows.at(-1)).toMatchObject({ id: 3n, note: 'new' });
      expect((await read(source, 'event', options, rest)).rows).toEqual([]);
    },
  );

  test('what was read beyond the bound of a hold-back is not taken for settled', async () => {
    await using database = await leaseDatabase();
    await database.query(`${event}; INSERT INTO event VALUES (1)`);
    await using source = sourceOn(database);
    const [{ later } = { later: '' }] = await database.query(
      `SELECT (now() + interval '1 hour')::text AS later`,
    );
    const until = String(later);
    const first = await read(source, 'event', { ...byAt, until, commitSafety: 'row-version' });
    await database.query('INSERT INTO event VALUES (2)');
    const second = await read(source, 'event', { ...byAt, until }, first);
    await database.query('INSERT INTO event VALUES (3)');
    const third = await read(source, 'event', { ...byAt, until }, second);
    expect([first, second, third].map(({ rows, kind }) => [kind, ids(rows)])).toEqual([
      ['row-version', [1]],
      ['held-back', [2]],
      ['held-back', [3]],
    ]);
  });

  test('a session that does not tell what it does makes a hold-back void', async () => {
    await using database = await leaseDatabase();
    await database.query(event);
    await using silent = await session(database);
    await silent.query('SET track_activities = off; BEGIN; INSERT INTO event VALUES (1)');
    await using source = sourceOn(database);
    const { report } = await read(source, 'event', byAt);
    expect(report?.guarantee).toMatchObject({
      kind: 'row-version',
      because: '1 sessions do not tell what they do (track_activities is off)',
    });
  });

  test('a read is held back to the call of a procedure that has committed in between', async () => {
    await using database = await leaseDatabase();
    await database.query(`${event};
      CREATE PROCEDURE load() LANGUAGE plpgsql AS $$ BEGIN
        COMMIT; PERFORM pg_advisory_lock(7); INSERT INTO event VALUES (1, statement_timestamp());
      END $$`);
    await using holder = await session(database);
    await holder.query('SELECT pg_advisory_lock(7)');
    await using caller = await session(database);
    const { rows } = await caller.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const pid = rows[0]?.pid;
    const called = caller.query('CALL load()');
    const seen = `SELECT query_start::text AS began FROM pg_stat_activity
      WHERE pid = ${String(pid)} AND wait_event = 'advisory' AND xact_start > query_start`;
    let began: unknown;
    while (began === undefined) [{ began } = { began: undefined }] = await database.query(seen);
    await using source = sourceOn(database);
    const first = await read(source, 'event', byAt);
    expect(first.report?.guarantee).toMatchObject({ kind: 'held-back', before: began, for: { pid } });
    await holder.query('SELECT pg_advisory_unlock(7)');
    await called;
    expect(ids((await read(source, 'event', byAt, first)).rows)).toEqual([1]);
  });

  test('a cursor that may be null after all is read as one that may', async () => {
    await using database = await leaseDatabase();
    const [{ number } = { number: 0 }] = await database.query(
      `SELECT current_setting('server_version_num')::int AS number`,
    );
    // Before 18 an heir may be less strict; since then a constraint may be there that was not validated.
    await database.query(
      Number(number) < 180_000
        ? `CREATE TABLE event (id int PRIMARY KEY, at timestamptz NOT NULL); CREATE TABLE heir () INHERITS (event);
           ALTER TABLE heir ALTER at DROP NOT NULL; INSERT INTO heir VALUES (1, NULL)`
        : `CREATE TABLE event (id int PRIMARY KEY, at timestamptz); INSERT INTO event VALUES (1, NULL);
           ALTER TABLE event ADD CONSTRAINT later NOT NULL at NOT VALID`,
    );
    await using source = sourceOn(database);
    expect(ids((await read(source, 'event', { ...byAt, key: ['id'] })).rows)).toEqual([1]);
    const [stream] = await source.discover();
    expect(stream?.schema.fields.map(({ nullable }) => nullable)).toEqual([false, true]);
  });

  test('a checkpoint of another database is refused', async () => {
    await using one = await leaseDatabase();
    await using other = await leaseDatabase();
    for (const database of [one, other]) await database.query(`${event}; INSERT INTO event VALUES (1)`);
    await using here = sourceOn(one);
    await using there = sourceOn(other);
    const first = await read(here, 'event', { ...byAt, commitSafety: 'row-version' });
    expect(await refusal(read(there, 'event', { ...byAt, commitSafety: 'row-version' }, first))).toContain(
      `it is of database "${one.endpoint.database}"`,
    );
  });
});
