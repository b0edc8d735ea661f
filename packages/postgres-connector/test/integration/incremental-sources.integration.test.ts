import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import { byAt, event, ids, read, session } from './incremental-reads.js';
import { sourceOn } from './sources.js';

const options = { ...byAt, key: ['id'] };

describeIntegration('postgres', 'incremental reads of what is written out of sight', () => {
  test('nothing is claimed of a materialised view, whose refreshes bring rows late', async () => {
    await using database = await leaseDatabase();
    await database.query(`${event}; CREATE MATERIALIZED VIEW seen AS SELECT * FROM event`);
    await using late = await session(database);
    await late.query('BEGIN; INSERT INTO event VALUES (1)');
    await database.query('INSERT INTO event VALUES (2)');
    await database.query('REFRESH MATERIALIZED VIEW seen');
    await late.query('COMMIT');
    await using source = sourceOn(database);
    const first = await read(source, 'seen', options);
    expect(ids(first.rows)).toEqual([2]);
    await database.query('REFRESH MATERIALIZED VIEW seen');
    const second = await read(source, 'seen', options, first);
    expect(ids(second.rows)).toEqual([]); // 1 lies before 2, and will not be found any more
    const lagging = await read(source, 'seen', { ...options, lagMs: 1 });
    for (const { report } of [first, second, lagging]) {
      expect(report?.guarantee).toEqual({
        kind: 'none',
        because: expect.stringContaining('a materialised view holds what its last refresh saw') as string,
      });
    }
  });

  test('what is read through a view or a query is found by the plan', async () => {
    await using remote = await leaseDatabase();
    await remote.query(
      `${event}; INSERT INTO event SELECT i, now() - interval '1 hour' FROM generate_series(1, 3) i`,
    );
    // As the server itself sees it, which may be in a container.
    const [at] = await remote.query(
      `SELECT host(inet_server_addr()) AS host, inet_server_port() AS port, current_database() AS name`,
    );
    await using database = await leaseDatabase();
    const { user, password } = remote.endpoint;
    await database.query(`${event}; CREATE EXTENSION postgres_fdw;
      CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw
        OPTIONS (host '${String(at?.['host'])}', port '${String(at?.['port'])}', dbname '${String(at?.['name'])}');
      CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (user '${user}', password '${password}');
      CREATE FOREIGN TABLE far (id bigint, at timestamptz NOT NULL, note text) SERVER elsewhere
        OPTIONS (table_name 'event');
      CREATE VIEW far_view AS SELECT * FROM (SELECT * FROM far OFFSET 0) AS _;
      CREATE TABLE parted (id bigint, at timestamptz NOT NULL, note text) PARTITION BY LIST (note);
      CREATE FOREIGN TABLE part PARTITION OF parted DEFAULT SERVER elsewhere OPTIONS (table_name 'event');
      CREATE MATERIALIZED VIEW kept AS SELECT * FROM event;
      CREATE VIEW kept_view AS SELECT id, at FROM event UNION ALL SELECT id, at FROM kept;
      CREATE VIEW near AS SELECT * FROM event WHERE id > (SELECT 0)`);
    await using source = sourceOn(database, {
      queries: {
        query: 'SELECT id, at FROM near',
        far_query: 'SELECT id, at FROM event WHERE id IN (SELECT id FROM far_view)',
      },
    });
    const reads = ['near', 'query', 'far', 'far_view', 'far_query', 'parted', 'kept_view'].map(
      async (name) => {
        const { kind, rows } = await read(source, name, options);
        return [name, kind, ids(rows)];
      },
    );
    expect(await Promise.all(reads)).toEqual([
      ['near', 'held-back', []],
      ['query', 'held-back', []],
      ['far', 'none', [1, 2, 3]],
      ['far_view', 'none', [1, 2, 3]],
      ['far_query', 'none', []],
      ['parted', 'none', [1, 2, 3]],
      ['kept_view', 'none', []],
    ]);
    // How much later a row may be committed there is the caller's to know.
    expect((await read(source, 'far', { ...options, lagMs: 60_000 })).kind).toBe('lag');
  });
});
