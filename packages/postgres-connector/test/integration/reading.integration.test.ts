import { ConnectorError } from '@sqlflow/connector-contract';
import { VirtualClock } from '@sqlflow/resilience/testing';
import { describeIntegration, leaseDatabase, tagged } from '@sqlflow/test-harness';
import { openDetour } from './detour.js';
import { readAll, runningQueries, sourceOn, until } from './sources.js';

/**
 * A view of endless rows: a read of it ends only if something ends it. The series is in the list, not behind FROM, where
 * the server would store all of it first.
 */
const endless = `CREATE VIEW endless AS
  SELECT generate_series(1, 1000000000000) AS id, repeat('x', 1000) AS filler`;

describeIntegration('postgres', 'reading', () => {
  test('leaving the loop ends the query on the server, and the source can be read again', async () => {
    await using database = await leaseDatabase();
    await database.query(endless);
    await using source = sourceOn(database, { maxConnections: 1 });
    for (let round = 0; round < 3; round++) {
      for await (const batch of source.read({ name: 'endless' }, { batchRows: 100 })) {
        expect(batch.numRows).toBe(100);
        expect(await runningQueries(database)).toHaveLength(1);
        break;
      }
      expect(await runningQueries(database)).toEqual([]);
    }
  });

  test('an abort between two batches is thrown as its reason, and the query has ended on the server', async () => {
    await using database = await leaseDatabase();
    await database.query(endless);
    await using source = sourceOn(database);
    const abort = new AbortController();
    const reason = new Error('changed my mind');
    const reading = source.read({ name: 'endless' }, { batchRows: 10, signal: abort.signal });
    await reading.next();
    abort.abort(reason);
    await expect(reading.next()).rejects.toBe(reason);
    expect(await runningQueries(database)).toEqual([]);
  });

  test('an abort while the server is computing ends that, before the first batch', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE VIEW slow AS SELECT pg_sleep(600)::text AS x');
    await using source = sourceOn(database);
    const abort = new AbortController();
    const reading = readAll(source, 'slow', { signal: abort.signal });
    const outcome = expect(reading).rejects.toBe('enough');
    await until(async () => (await runningQueries(database)).length > 0);
    abort.abort('enough');
    await outcome;
    expect(await runningQueries(database)).toEqual([]);
  });

  test('an abort is passed on to the server at once: no time has to pass for the query to end there', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE VIEW slow AS SELECT pg_sleep(600)::text AS x');
    // It stands still: neither a second request nor the breaking off of the connection comes to help.
    await using source = sourceOn(database, {}, new VirtualClock());
    for (let round = 0; round < 10; round++) {
      const abort = new AbortController();
      const outcome = expect(readAll(source, 'slow', { signal: abort.signal })).rejects.toBe('enough');
      await until(async () => {
        const asleep = `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`;
        return (await database.query(asleep)).length > 0;
      });
      abort.abort('enough');
      await outcome;
      expect(await runningQueries(database)).toEqual([]);
    }
  });

  test('an abort ends on the server whatever is done just then: preparing, planning or reading', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE VIEW slow AS SELECT pg_sleep(600)::text AS x');
    for (let round = 0; round < 40; round++) {
      await using source = sourceOn(database); // a new connection, which is prepared first
      const abort = new AbortController();
      const outcome = expect(readAll(source, 'slow', { signal: abort.signal })).rejects.toBe('enough');
      await until(async () => (await runningQueries(database)).length > 0);
      abort.abort('enough');
      await outcome;
      expect(await runningQueries(database)).toEqual([]);
    }
  });

  test('a cancel that overtakes the query it is meant for is sent again', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE VIEW slow AS SELECT pg_sleep(600)::text AS x');
    await using detour = await openDetour(database.endpoint, '"public"."slow"');
    await using source = sourceOn(database, { host: detour.host, port: detour.port });
    const abort = new AbortController();
    const outcome = expect(readAll(source, 'slow', { signal: abort.signal })).rejects.toBe('enough');
    await detour.isHolding;
    abort.abort('enough');
    await outcome;
    expect(detour.overtakers).toBeGreaterThan(1);
    expect(await runningQueries(database)).toEqual([]);
  });

  test('an abort frees the server though the consumer never comes back', async () => {
    await using database = await leaseDatabase();
    await database.query(endless);
    await using source = sourceOn(database);
    const abort = new AbortController();
    await source.read({ name: 'endless' }, { signal: abort.signal }).next();
    abort.abort();
    await until(async () => (await runningQueries(database)).length === 0);
  });

  test('a signal that has aborted already connects to nothing', async () => {
    await using database = await leaseDatabase();
    await using source = sourceOn(database, { port: 1 });
    await expect(readAll(source, 't', { signal: AbortSignal.abort('before') })).rejects.toBe('before');
  });

  test('disposing of the source ends its reads and leaves no connection behind', async () => {
    await using database = await leaseDatabase();
    await database.query(endless);
    const source = sourceOn(database, { applicationName: 'to be closed' });
    const reading = source.read({ name: 'endless' }, { batchRows: 10 });
    await reading.next();
    await source[Symbol.asyncDispose]();
    await expect(reading.next()).rejects.toMatchObject({ code: 'closed' });
    await expect(source.discover()).rejects.toMatchObject({ code: 'closed' });
    const connections = `SELECT FROM pg_stat_activity WHERE application_name = 'to be closed'`;
    await until(async () => (await database.query(connections)).length === 0);
  });

  test('the server waits for the consumer: what is not asked for is not sent', async () => {
    await using database = await leaseDatabase();
    await database.query(endless);
    await using source = sourceOn(database);
    const reading = source.read({ name: 'endless' }, { batchRows: 10 });
    await reading.next();
    await until(async () => {
      const [row] = await database.query(
        `SELECT wait_event FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()
         AND datname = current_database()`,
      );
      return row?.['wait_event'] === 'ClientWrite';
    });
    await reading.return();
  });

  test('an error of the server in mid-stream is thrown where the rows end', async () => {
    await using database = await leaseDatabase();
    await database.query(
      'CREATE VIEW failing AS SELECT 1 / (200000 - i) AS x FROM generate_series(1, 300000) i',
    );
    await using source = sourceOn(database);
    let rowsRead = 0;
    const reading = (async () => {
      for await (const batch of source.read({ name: 'failing' }, { batchRows: 1000 }))
        rowsRead += batch.numRows;
    })();
    await expect(reading).rejects.toMatchObject({
      code: 'invalid-data',
      kind: 'terminal',
      serverCode: '22012',
    });
    expect(rowsRead).toBeGreaterThan(0);
    expect(rowsRead).toBeLessThan(200_000);
    expect(await readAll(source, 'failing', { columns: [] })).toHaveLength(300_000);
  });

  tagged('fault')(
    'a connection that the server ends in mid-stream is a lost one, and is not read again',
    async () => {
      await using database = await leaseDatabase();
      await database.query(endless);
      await using source = sourceOn(database);
      const reading = source.read({ name: 'endless' }, { batchRows: 10 });
      await reading.next();
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      const rest = (async () => {
        for await (const batch of reading) expect(batch.numRows).toBeLessThanOrEqual(10);
      })();
      await expect(rest).rejects.toMatchObject({ code: 'connection-lost', kind: 'transient' });
      expect(await runningQueries(database)).toEqual([]);
    },
  );

  tagged('fault')('a connection that died while idle is replaced, and nobody notices', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT 1 AS x');
    await using source = sourceOn(database, { retry: { initialDelayMs: 1 } });
    for (let round = 0; round < 3; round++) {
      expect(await readAll(source, 't')).toEqual([{ x: 1 }]);
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
    }
  });

  test('a statement that takes longer than allowed is a timeout', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE VIEW slow AS SELECT pg_sleep(600)::text AS x');
    await using source = sourceOn(database, { statementTimeoutMs: 50, retry: { maxAttempts: 1 } });
    await expect(readAll(source, 'slow')).rejects.toMatchObject({ code: 'timeout', serverCode: '57014' });
  });

  test('a server that is silent for too long is given up, and its query ended', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE VIEW slow AS SELECT pg_sleep(600)::text AS x');
    await using source = sourceOn(database, {
      silenceTimeoutMs: 100,
      retry: { maxAttempts: 2, initialDelayMs: 1 },
    });
    await expect(readAll(source, 'slow')).rejects.toMatchObject({ code: 'timeout', kind: 'transient' });
    expect(await runningQueries(database)).toEqual([]);
  });

  test('with all connections in use, a read waits for one, and not for ever', async () => {
    await using database = await leaseDatabase();
    await database.query(`${endless}; CREATE TABLE t AS SELECT 1 AS x`);
    const clock = new VirtualClock();
    const options = { maxConnections: 1, acquireTimeoutMs: 3_000, connectTimeoutMs: 2_000 };
    await using source = sourceOn(database, { ...options, retry: { maxAttempts: 1 } }, clock);
    const first = source.read({ name: 'endless' }, { batchRows: 10 });
    await first.next();
    let gaveUp = false;
    const outcome = expect(readAll(source, 't').finally(() => (gaveUp = true))).rejects.toMatchObject({
      code: 'timeout',
      kind: 'transient',
      message: expect.stringContaining('3000 ms (acquireTimeoutMs)'),
    });
    await clock.advance(4_999);
    expect(gaveUp).toBe(false);
    await clock.advance(1);
    await outcome;
    await first.return();
    expect(await readAll(source, 't')).toEqual([{ x: 1 }]);
  });

  test('who waits for a connection is served in order, who is aborted leaves the line, and a full line is refused', async () => {
    await using database = await leaseDatabase();
    await database.query(`${endless}; CREATE TABLE t AS SELECT 1 AS x`);
    await using source = sourceOn(database, {
      maxConnections: 1,
      maxWaiting: 2,
      retry: { maxAttempts: 1 },
    });
    const first = source.read({ name: 'endless' }, { batchRows: 10 });
    await first.next();
    const served: string[] = [];
    const abort = new AbortController();
    const impatient = readAll(source, 't', { signal: abort.signal });
    const second = readAll(source, 't').then(() => served.push('second'));
    await expect(readAll(source, 't')).rejects.toMatchObject({
      code: 'unavailable',
      kind: 'transient',
      message: expect.stringContaining('2 calls wait for one (maxWaiting)'),
    });
    abort.abort('no more');
    await expect(impatient).rejects.toBe('no more');
    const third = readAll(source, 't').then(() => served.push('third'));
    await first.return();
    await Promise.all([second, third]);
    expect(served).toEqual(['second', 'third']);
  });

  test('many reads at once share the connections there are', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT i AS x FROM generate_series(1, 1000) i');
    await using source = sourceOn(database, { maxConnections: 2 });
    const all = await Promise.all(Array.from({ length: 12 }, () => readAll(source, 't')));
    expect(all.every((rows) => rows.length === 1000)).toBe(true);
    const [count] = await database.query(
      `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sqlflow'`,
    );
    expect(count).toEqual({ count: 2 });
  });

  tagged('smoke')('columns come in the order asked for, and batches have the size asked for', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT i AS a, -i AS b, 0 AS c FROM generate_series(1, 25) i');
    await using source = sourceOn(database);
    const sizes: number[] = [];
    for await (const batch of source.read({ name: 't' }, { columns: ['b', 'a'], batchRows: 10 })) {
      expect(batch.schema.names).toEqual(['b', 'a']);
      sizes.push(batch.numRows);
    }
    expect(sizes).toEqual([10, 10, 5]);
  });

  test('an empty table gives no batch, a table without columns gives its rows, and 1600 columns are read', async () => {
    await using database = await leaseDatabase();
    const names = Array.from({ length: 1600 }, (_, index) => `c${String(index)}`);
    await database.query(`CREATE TABLE nothing (a int); CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES;
      INSERT INTO bare DEFAULT VALUES; CREATE TABLE wide (${names.map((name) => `${name} int`).join(', ')});
      INSERT INTO wide (c0, c1599) VALUES (1, 2)`);
    await using source = sourceOn(database);
    expect(await readAll(source, 'nothing')).toEqual([]);
    expect(await readAll(source, 'bare')).toEqual([{}, {}]);
    const [row = {}] = await readAll(source, 'wide');
    expect(Object.keys(row)).toEqual(names);
    expect([row['c0'], row['c1'], row['c1599']]).toEqual([1, null, 2]);
  });

  test('a dropped column is not read, and one added later is', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT 1 AS a, 2 AS b');
    await using source = sourceOn(database);
    expect(await readAll(source, 't')).toEqual([{ a: 1, b: 2 }]);
    await database.query('ALTER TABLE t DROP COLUMN a, ADD COLUMN c text DEFAULT $$x$$');
    expect(await readAll(source, 't')).toEqual([{ b: 2, c: 'x' }]);
  });

  test.each([
    ['a table that is not there', 'nope', {}, 'not-found'],
    ['an unknown column', 't', { columns: ['y'] }, 'invalid-option'],
    ['a batch of no rows', 't', { batchRows: 0 }, 'invalid-option'],
  ])('%s is refused', async (_what, name, options, code) => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT 1 AS x');
    await using source = sourceOn(database);
    await expect(readAll(source, name, options)).rejects.toMatchObject({ code, kind: 'terminal' });
    await expect(readAll(source, name, options)).rejects.toBeInstanceOf(ConnectorError);
  });

  test('a source never writes, not even through a view', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE log (x int);
      CREATE FUNCTION leave_trace() RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO log VALUES (1) RETURNING x';
      CREATE VIEW sly AS SELECT leave_trace() AS x`);
    await using source = sourceOn(database);
    await expect(readAll(source, 'sly')).rejects.toMatchObject({ serverCode: '25006', kind: 'terminal' });
    expect(await database.query('SELECT * FROM log')).toEqual([]);
  });
});
