import { type Checkpoint, type Row, rowsOf } from '@sqlflow/connector-contract';
import type { CommitGuarantee } from '@sqlflow/postgres-connector';
import { describeIntegration, leaseDatabase, markSkipped } from '@sqlflow/test-harness';
import { byAt, event, ids, type Read, read, refusal, session } from './incremental-reads.js';
import { sourceOn, until } from './sources.js';

describeIntegration('postgres', 'incremental reading', () => {
  describe.each(['auto', 'row-version'] as const)('by %s', (commitSafety) => {
    const options = { ...byAt, commitSafety };

    test('a row of a savepoint, committed after later ones were read, comes in the next read', async () => {
      await using database = await leaseDatabase();
      await database.query(event);
      await using source = sourceOn(database);
      await using late = await session(database);
      await late.query('BEGIN; INSERT INTO event VALUES (1); SAVEPOINT a; INSERT INTO event VALUES (2)');
      await late.query(
        'SAVEPOINT b; INSERT INTO event VALUES (3); ROLLBACK TO b; INSERT INTO event VALUES (4)',
      );
      await database.query('INSERT INTO event VALUES (5)');
      const first = await read(source, 'event', options);
      await late.query('COMMIT');
      await database.query('INSERT INTO event VALUES (6)');
      const second = await read(source, 'event', options, first);
      expect(ids([...first.rows, ...second.rows])).toEqual([1, 2, 4, 5, 6]);
      expect((await read(source, 'event', options, second)).rows).toEqual([]);
    });

    test('a transaction that had written nothing yet, and then writes with its old now(), loses no row', async () => {
      await using database = await leaseDatabase();
      await database.query(event);
      await using source = sourceOn(database);
      await using late = await session(database);
      await late.query('BEGIN');
      await late.query('SELECT now()');
      await database.query('INSERT INTO event VALUES (1)');
      const first = await read(source, 'event', options);
      await late.query('INSERT INTO event VALUES (2, now())');
      const second = await read(source, 'event', options, first);
      await late.query('COMMIT');
      const third = await read(source, 'event', options, second);
      expect(ids([...first.rows, ...second.rows, ...third.rows])).toEqual([1, 2]);
    });

    test('a prepared transaction is waited for, and its rows come when it is committed', async () => {
      await using database = await leaseDatabase();
      await database.query(event);
      const [setting] = await database.query('SHOW max_prepared_transactions');
      if (setting?.['max_prepared_transactions'] === '0') {
        markSkipped();
        return;
      }
      await using source = sourceOn(database);
      const name = `late_${database.endpoint.database}`;
      {
        await using late = await session(database);
        await late.query(`BEGIN; INSERT INTO event VALUES (1); PREPARE TRANSACTION '${name}'`);
      }
      try {
        await database.query('INSERT INTO event VALUES (2)');
        const first = await read(source, 'event', options);
        expect(first.kind).toBe('row-version');
        expect(ids(first.rows)).toEqual([2]);
        await database.query(`COMMIT PREPARED '${name}'`);
        const second = await read(source, 'event', options, first);
        expect(ids(second.rows)).toEqual([1]);
        expect((await read(source, 'event', options, second)).rows).toEqual([]);
      } finally {
        const [left] = await database.query('SELECT gid FROM pg_prepared_xacts WHERE gid = $1', [name]);
        if (left !== undefined) await database.query(`ROLLBACK PREPARED '${name}'`);
      }
    });

    test('an update is given again with its new cursor, and an update of the second read is no repeat', async () => {
      await using database = await leaseDatabase();
      await database.query(
        `${event}; INSERT INTO event SELECT g, clock_timestamp() FROM generate_series(1, 100) AS g`,
      );
      await using source = sourceOn(database);
      const first = await read(source, 'event', { ...options, batchRows: 7 });
      expect(ids(first.rows)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
      await database.query(`UPDATE event SET at = clock_timestamp(), note = 'new' WHERE id IN (3, 50)`);
      const second = await read(source, 'event', options, first);
      expect(second.rows.map(({ id, note }) => [id, note])).toEqual([
        [3n, 'new'],
        [50n, 'new'],
      ]);
    });

    test('a pass that was left in the middle is gone on with, beside what was committed meanwhile', async () => {
      await using database = await leaseDatabase();
      await database.query(
        `${event}; INSERT INTO event SELECT g, clock_timestamp() FROM generate_series(1, 100) AS g`,
      );
      await using source = sourceOn(database);
      const given: Row[] = [];
      let checkpoint: Checkpoint | undefined;
      for (let id = 101; ; id++) {
        const before = given.length;
        const goingOn = checkpoint === undefined ? options : { ...options, checkpoint };
        for await (const one of source.readIncremental({ name: 'event' }, { ...goingOn, batchRows: 10 })) {
          given.push(...rowsOf(one.batch));
          ({ checkpoint } = one);
          break;
        }
        if (given.length === before) break;
        if (id <= 120) await database.query(`INSERT INTO event VALUES (${String(id)})`);
        if (id === 105)
          await database.query(`UPDATE event SET at = clock_timestamp(), note = 'x' WHERE id = 1`);
      }
      expect(ids(given)).toEqual([1, 1, ...Array.from({ length: 119 }, (_, index) => index + 2)]);
    });
  });

  test('a read that is held back says how far, and for whom', async () => {
    await using database = await leaseDatabase();
    await database.query(`${event}; INSERT INTO event VALUES (1)`);
    await using source = sourceOn(database);
    await using late = await session(database);
    await late.query(`SET application_name = 'the late one'`);
    await late.query('BEGIN');
    const { rows } = await late.query<{ pid: number; began: string }>(
      `SELECT pg_backend_pid() AS pid, now()::text AS began`,
    );
    await database.query('INSERT INTO event VALUES (2)');
    const first = await read(source, 'event', byAt);
    expect(ids(first.rows)).toEqual([1]);
    expect(first.report?.guarantee).toMatchObject({
      kind: 'held-back',
      before: rows[0]?.began,
      for: {
        pid: rows[0]?.pid,
        since: rows[0]?.began,
        state: 'idle in transaction',
        applicationName: 'the late one',
      },
    });
    await late.query('ROLLBACK');
    const second = await read(source, 'event', byAt, first);
    expect(ids(second.rows)).toEqual([2]);
    expect(second.report?.guarantee).toMatchObject({ kind: 'held-back' });
  });

  test('a table that would be held back too long is read by row versions, without a row lost or repeated', async () => {
    await using database = await leaseDatabase();
    await database.query(`${event}; INSERT INTO event VALUES (1)`);
    await using source = sourceOn(database);
    await using late = await session(database);
    await late.query('BEGIN; INSERT INTO event VALUES (2)');
    await database.query('INSERT INTO event VALUES (3)');
    const options = { ...byAt, maxHoldBackMs: 0.001 };
    const first = await read(source, 'event', options);
    expect(first.report?.guarantee).toMatchObject({ kind: 'row-version' });
    expect(first.report?.guarantee).toHaveProperty('because', expect.stringContaining('maxHoldBackMs'));
    expect(ids(first.rows)).toEqual([1, 3]);
    await late.query('COMMIT');
    expect(ids((await read(source, 'event', byAt, first)).rows)).toEqual([2]);
  });

  test.each([{}, { lagMs: 60_000 }])(
    'with more running transactions than a checkpoint holds, nothing is taken for given that is not (%j)',
    async (options) => {
      await using database = await leaseDatabase();
      await using elsewhere = await leaseDatabase();
      await database.query(event);
      await elsewhere.query('CREATE TABLE other (id int)');
      await using source = sourceOn(database);
      await using running = await session(elsewhere);
      await running.query('BEGIN');
      // Each subtransaction has a number of its own, and the rows have those between them.
      for (let id = 1; id <= 120; id++) {
        await running.query('SAVEPOINT one; INSERT INTO other VALUES (1)');
        await database.query(`INSERT INTO event VALUES ($1, now() - interval '30 s')`, [id]);
      }
      const first = await read(source, 'event', { ...byAt, ...options });
      expect(first.rows.length).toBeLessThan(120);
      expect(first.kind).not.toBe('held-back');
      await running.query('COMMIT');
      const second = await read(source, 'event', { ...byAt, ...options }, first);
      expect(ids([...first.rows, ...second.rows])).toEqual(
        Array.from({ length: 120 }, (_, index) => index + 1),
      );
    },
  );

  test('an ordinary role is given row versions and no claim of holding back', async () => {
    await using database = await leaseDatabase();
    const { database: name } = database.endpoint;
    await database.query(`${event}; INSERT INTO event VALUES (1);
      CREATE ROLE ${name}_r LOGIN PASSWORD 'ordinary'; GRANT SELECT ON event TO ${name}_r`);
    try {
      await using source = sourceOn(database, { user: `${name}_r`, password: 'ordinary' });
      const { report, rows } = await read(source, 'event', byAt);
      expect(rows).toHaveLength(1);
      expect(report?.guarantee).toMatchObject({ kind: 'row-version' });
      expect(report?.guarantee).toHaveProperty('because', expect.stringContaining('pg_read_all_stats'));
    } finally {
      await database.query(`DROP OWNED BY ${name}_r; DROP ROLE ${name}_r`);
    }
  });

  test.each([
    ['bigint', '1, 2, 3', '0'],
    ['timestamp', `'2024-01-01 00:00:00.000001', '2024-01-01 00:00:00.000002', '2024-01-02'`, `'2023-01-01'`],
    ['timestamptz(3)', `'2024-01-01', '2024-01-02', '2024-01-03'`, `'2023-01-01'`],
    ['xid8', `'1', '2', '3'`, `'0'`],
    ['double precision', `'-Infinity', '1', 'NaN'`, `'-Infinity'`],
    ['numeric', `'1', '1.5', 'Infinity'`, `'-1'`],
    ['text COLLATE "und-x-icu"', `'a', 'B', 'c'`, `'A'`],
    [
      'uuid',
      `'6f2c1a4e-0000-4000-8000-000000000001', '6f2c1a4e-0000-4000-8000-000000000002', '7f2c1a4e-0000-4000-8000-000000000001'`,
      `'00000000-0000-4000-8000-000000000001'`,
    ],
    ['"char"', `'a', 'b', 'c'`, `'A'`],
    ['interval', `'1 day', '2 days', '3 days'`, `'1 hour'`],
  ])('a row that is committed late below a cursor of %s is found', async (type, values, late) => {
    await using database = await leaseDatabase();
    const list = values.split(', ');
    await database.query(`CREATE TABLE event (id bigint PRIMARY KEY, at ${type} NOT NULL);
      INSERT INTO event VALUES ${list.map((value, index) => `(${String(index)}, ${value})`).join(', ')}`);
    await using source = sourceOn(database);
    const first = await read(source, 'event', { ...byAt, batchRows: 1 });
    expect(ids(first.rows)).toEqual([0, 1, 2]);
    expect(first.kind).toBe('row-version');
    await database.query(`INSERT INTO event VALUES (9, ${late})`);
    const second = await read(source, 'event', byAt, first);
    expect(ids(second.rows)).toEqual([9]);
    expect((await read(source, 'event', byAt, second)).rows).toEqual([]);
  });

  test('rows that are the same to a collation are neither lost nor repeated', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE event (id text COLLATE blind PRIMARY KEY, at text COLLATE blind NOT NULL);
      INSERT INTO event VALUES ('a', 'X'), ('B', 'x'), ('c', 'X'), ('D', 'x'), ('e', 'Y'), ('F', 'y')`);
    await using source = sourceOn(database);
    const given: unknown[] = [];
    let checkpoint: Checkpoint | undefined;
    for (let reads = 0; reads < 6; reads++) {
      const goingOn = checkpoint === undefined ? byAt : { ...byAt, checkpoint };
      for await (const one of source.readIncremental({ name: 'event' }, { ...goingOn, batchRows: 1 })) {
        given.push(...[...rowsOf(one.batch)].map(({ id }) => id));
        ({ checkpoint } = one);
        break;
      }
    }
    expect(given).toEqual(['a', 'B', 'c', 'D', 'e', 'F']);
  });

  test('what lies at or after "until" is left to a later read, and found by it', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE event (id bigint PRIMARY KEY, at int);
      INSERT INTO event VALUES (1, 1), (2, 2), (3, 3), (4, NULL), (5, 5)`);
    await using source = sourceOn(database);
    const first = await read(source, 'event', { ...byAt, until: 3 });
    expect(ids(first.rows)).toEqual([1, 2, 4]);
    await database.query('INSERT INTO event VALUES (6, 0), (7, NULL), (8, 4)');
    const second = await read(source, 'event', { ...byAt, until: 5 }, first);
    expect(ids(second.rows)).toEqual([3, 6, 7, 8]);
    expect(await refusal(read(source, 'event', { ...byAt, until: 4 }, second))).toContain('lies before "5"');
    expect(ids((await read(source, 'event', byAt, second)).rows)).toEqual([5]);
  });

  test('with lagMs a table is looked at again so far, and gives what it has not given', async () => {
    await using database = await leaseDatabase();
    await database.query(`${event}; INSERT INTO event VALUES (1, now() - interval '1 hour'), (2, now())`);
    await using source = sourceOn(database);
    const options = { ...byAt, lagMs: 60_000 };
    const first = await read(source, 'event', options);
    expect(first.report?.guarantee).toEqual({ kind: 'lag', lagMs: 60_000 });
    expect(ids(first.rows)).toEqual([1, 2]);
    await database.query(
      `INSERT INTO event VALUES (3, now() - interval '30 s'), (4, now() - interval '1 hour'), (5, now())`,
    );
    const second = await read(source, 'event', options, first);
    expect(ids(second.rows)).toEqual([3, 5]);
    expect((await read(source, 'event', options, second)).rows).toEqual([]);
  });

  test('with lagMs a view leaves the last of it to a later read', async () => {
    await using database = await leaseDatabase();
    await database.query(`${event}; CREATE VIEW seen AS SELECT * FROM event;
      INSERT INTO event VALUES (1, now() - interval '1 hour'), (2, now())`);
    await using source = sourceOn(database);
    const { rows, kind } = await read(source, 'seen', { ...byAt, key: ['id'], lagMs: 60_000 });
    expect([ids(rows), kind]).toEqual([[1], 'lag']);
  });

  test('a view is held back where the cursor allows it, and has no guarantee where not', async () => {
    await using database = await leaseDatabase();
    await database.query(`${event}; CREATE VIEW seen AS SELECT * FROM event;
      INSERT INTO event VALUES (1, now() - interval '1 second')`);
    await using source = sourceOn(database);
    await using late = await session(database);
    await late.query('BEGIN; INSERT INTO event VALUES (2)');
    await database.query('INSERT INTO event VALUES (3)');
    const given: unknown[] = [];
    let last: Read | undefined;
    const readOn = async (): Promise<CommitGuarantee | undefined> => {
      last = await read(source, 'seen', { ...byAt, key: ['id'] }, last);
      given.push(...ids(last.rows));
      return last.report?.guarantee;
    };
    const isFor = (guarantee: CommitGuarantee | undefined): boolean =>
      guarantee?.kind === 'held-back' && guarantee.for?.state === 'idle in transaction';
    // Until then it is held back by the distance that it keeps in any case.
    await until(async () => isFor(await readOn()));
    expect(given).toEqual([1]);
    await late.query('COMMIT');
    await database.query('INSERT INTO event VALUES (4)');
    await until(async () => {
      const guarantee = await readOn();
      expect(guarantee?.kind).toBe('held-back');
      expect(guarantee).toHaveProperty('heldBackMs', expect.closeTo(250, 0));
      expect(guarantee).not.toHaveProperty('for');
      return given.includes(4);
    });
    expect(given).toEqual([1, 2, 3, 4]);
    const byId = await read(source, 'seen', { cursorField: 'id', key: ['id'] });
    expect(byId.report?.guarantee).toEqual({
      kind: 'none',
      because: 'a cursor of type bigint is not bound by when transactions began, and this is a view',
    });
    expect(
      await refusal(read(source, 'seen', { ...byAt, key: ['id'], commitSafety: 'row-version' })),
    ).toContain("commitSafety 'row-version' needs a table, and this is a view");
  });

  test('a partitioned table is read by the versions of its partitions, a unique index is a key', async () => {
    await using database = await leaseDatabase();
    await database.query(`
      CREATE TABLE event (region text NOT NULL, id int NOT NULL, at int NOT NULL, UNIQUE (region, id)) PARTITION BY LIST (region);
      CREATE TABLE event_a PARTITION OF event FOR VALUES IN ('a'); CREATE TABLE event_b PARTITION OF event FOR VALUES IN ('b');
      INSERT INTO event VALUES ('a', 1, 5), ('b', 1, 5), ('b', 2, 5)`);
    await using source = sourceOn(database);
    const first = await read(source, 'event', { ...byAt, batchRows: 1 });
    expect(first.rows).toHaveLength(3);
    await database.query(
      `INSERT INTO event VALUES ('a', 2, 1); UPDATE event SET region = 'a', id = 3 WHERE id = 2 AND region = 'b'`,
    );
    const second = await read(source, 'event', byAt, first);
    expect(second.rows.map(({ region, id }) => [region, id])).toEqual([
      ['a', 2],
      ['a', 3],
    ]);
  });
});
