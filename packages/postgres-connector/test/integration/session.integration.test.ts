import { systemClock } from '@sqlflow/resilience';
import { describeIntegration, leaseDatabase, type LeasedDatabase } from '@sqlflow/test-harness';
import { resolveSourceOptions } from '../../src/options.js';
import { SessionPool } from '../../src/session/session-pool.js';

function poolOn({ endpoint }: LeasedDatabase, limits: object = {}): SessionPool {
  const { host, port, database, user, password } = endpoint;
  const options = { host, port, database, user, password, maxConnections: 1, ...limits };
  return new SessionPool(resolveSourceOptions(options), systemClock);
}

const sql = (text: string) => ({ sql: text, parameters: [] });

describeIntegration('postgres', 'a session', () => {
  test('runs every statement in a transaction that reads only, with the settings that values depend on', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (x int);
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET datestyle TO German', current_database()); END $$`);
    const pool = poolOn(database, { lockTimeoutMs: 1234, idleInTransactionTimeoutMs: 5678 });
    const session = await pool.borrow();
    expect(
      await session.query(
        sql(`SELECT current_setting('datestyle') AS style, current_setting('transaction_read_only') AS read_only,
          current_setting('lock_timeout') AS lock, current_setting('idle_in_transaction_session_timeout') AS idle`),
        'asking',
      ),
    ).toEqual([{ style: 'ISO, MDY', read_only: 'on', lock: '1234ms', idle: '5678ms' }]);
    await expect(session.query(sql('INSERT INTO t VALUES (1)'), 'writing')).rejects.toMatchObject({
      code: 'permission-denied',
      serverCode: '25006',
    });
    await session.close();
    await pool.end();
  });

  test.each(['BEGIN READ WRITE', 'SET TRANSACTION READ WRITE', 'SELECT 1; DELETE FROM t'])(
    'does not come to write by %s',
    async (attempt) => {
      await using database = await leaseDatabase();
      await database.query('CREATE TABLE t AS SELECT 1 AS x');
      const pool = poolOn(database);
      const session = await pool.borrow();
      await session.query(sql('SELECT 1'), 'reading');
      await session.query(sql(attempt), 'trying').catch(() => undefined);
      await expect(session.query(sql('DELETE FROM t'), 'deleting')).rejects.toMatchObject({
        code: expect.stringMatching(/permission-denied|conflict/),
      });
      await session.close();
      await pool.end();
      expect(await database.query('SELECT x FROM t')).toEqual([{ x: 1 }]);
    },
  );

  test('sees one state of the database in a repeatable read, and another session can see the same', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT 1 AS x');
    const pools = [poolOn(database), poolOn(database)] as const;
    const [holder, guest] = [await pools[0].borrow(), await pools[1].borrow()];
    holder.begin({ isolation: 'repeatable read' });
    const [row] = await holder.query(sql('SELECT pg_export_snapshot() AS snapshot'), 'exporting');
    await database.query('INSERT INTO t VALUES (2)');
    guest.begin({ isolation: 'repeatable read', snapshot: row?.['snapshot'] ?? '' });
    for (const session of [guest, holder]) {
      expect(await session.query(sql('SELECT x FROM t'), 'reading')).toEqual([{ x: '1' }]);
      await session.commit('ending');
      expect(await session.query(sql('SELECT count(*) FROM t'), 'reading')).toEqual([{ count: '2' }]);
      session.giveBack();
    }
    await Promise.all(pools.map((pool) => pool.end()));
  });

  test('commits what it wrote when told to, and undoes it when told to or given back without', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (x int)');
    const pool = poolOn(database);
    const session = await pool.borrow();
    session.begin({ readOnly: false });
    await session.query(sql('INSERT INTO t VALUES (1)'), 'writing');
    await session.commit('committing');
    session.begin({ readOnly: false });
    await session.query(sql('INSERT INTO t VALUES (2)'), 'writing');
    await session.rollback('undoing');
    session.begin({ readOnly: false });
    await session.query(sql('INSERT INTO t VALUES (3)'), 'writing', undefined, { commit: true });
    session.begin({ readOnly: false });
    await session.query(sql('INSERT INTO t VALUES (4)'), 'writing');
    session.giveBack();
    const next = await pool.borrow();
    expect(await next.query(sql('SELECT x FROM t ORDER BY x'), 'reading')).toEqual([{ x: '1' }, { x: '3' }]);
    next.giveBack();
    await pool.end();
  });

  test('says so when there was nothing to commit, since a statement had failed', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (x int)');
    const pool = poolOn(database);
    const session = await pool.borrow();
    session.begin({ readOnly: false });
    await session.query(sql('INSERT INTO t VALUES (1)'), 'writing');
    await expect(session.query(sql('SELECT 1/0'), 'dividing')).rejects.toMatchObject({
      code: 'invalid-data',
    });
    await expect(session.commit('committing')).rejects.toMatchObject({ code: 'conflict', effect: 'none' });
    session.giveBack();
    await pool.end();
    expect(await database.query('SELECT x FROM t')).toEqual([]);
  });

  test('has one transaction at a time', async () => {
    await using database = await leaseDatabase();
    const pool = poolOn(database);
    const session = await pool.borrow();
    session.begin();
    expect(() => {
      session.begin();
    }).toThrow('a transaction is open');
    session.giveBack();
    await pool.end();
  });

  test('has ended its transaction on the server when it is closed', async () => {
    await using database = await leaseDatabase();
    const pool = poolOn(database, { applicationName: 'closing' });
    const session = await pool.borrow();
    await session.query(sql('SELECT 1'), 'reading');
    await session.close();
    expect(
      await database.query(`SELECT state FROM pg_stat_activity WHERE application_name = 'closing'`),
    ).toEqual([]);
    await pool.end();
  });
});
