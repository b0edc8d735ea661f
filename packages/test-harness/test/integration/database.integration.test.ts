import { inspect } from 'node:util';
import { describeIntegration, leaseDatabase, tagged } from '@sqlflow/test-harness';
import { ownerOf } from '../../src/lease/owner.js';
import { databases, handedOutDatabases, postgresAdmin } from './inventory.js';
import { withVariables } from './with-variables.js';

describeIntegration('postgres', 'a leased database', () => {
  tagged('smoke')('is empty, and no other lease sees what is written to it', async () => {
    await using database = await leaseDatabase();
    await using other = await leaseDatabase();
    await database.query('CREATE TABLE event (id int); INSERT INTO event VALUES (1)');
    expect(await database.query('SELECT * FROM event')).toEqual([{ id: 1 }]);
    await expect(other.query('SELECT * FROM event')).rejects.toMatchObject({ code: '42P01' });
  });

  test('is dropped at the end of its scope, whoever is connected to it', async () => {
    let name: string;
    let stranger;
    {
      await using database = await leaseDatabase({ leaks: 'ignore' });
      name = database.endpoint.database;
      await database.query('SELECT 1');
      stranger = await postgresAdmin(name);
      expect(await databases()).toContain(name);
    }
    expect(await databases()).not.toContain(name);
    await expect(stranger.query('SELECT 1')).rejects.toThrow();
  });

  test('can be given back twice, and is closed then', async () => {
    const database = await leaseDatabase();
    await Promise.all([database[Symbol.asyncDispose](), database[Symbol.asyncDispose]()]);
    await database[Symbol.asyncDispose]();
    await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'closed' });
  });

  test('is dropped even if the server has ended all connections meanwhile', async () => {
    const database = await leaseDatabase();
    await database.query('SELECT 1');
    await endAllSessions();
    await database[Symbol.asyncDispose]();
    expect(await databases()).not.toContain(database.endpoint.database);
  });

  test('answers the rows of the last of several statements, and takes parameters', async () => {
    await using database = await leaseDatabase();
    expect(await database.query('SELECT 1 AS a; SELECT 2 AS b')).toEqual([{ b: 2 }]);
    expect(await database.query('SELECT $1::text || $2 AS c', ['x', 'y'])).toEqual([{ c: 'xy' }]);
  });

  test('lets queries made at once wait for each other on one connection', async () => {
    await using database = await leaseDatabase();
    const rows = await Promise.all(
      [1, 2, 3].map((id) => database.query('SELECT $1::int AS id, pg_backend_pid() AS pid', [id])),
    );
    expect(rows.map(([row]) => row?.['id'])).toEqual([1, 2, 3]);
    expect(new Set(rows.map(([row]) => row?.['pid'])).size).toBe(1);
  });

  test('connects again after its connection has broken', async () => {
    await using database = await leaseDatabase();
    await database.query('SELECT 1');
    await endAllSessions();
    await database.query('SELECT 1').catch(() => undefined);
    expect(await database.query('SELECT 1 AS a')).toEqual([{ a: 1 }]);
  });
});

describeIntegration('postgres', 'a database leased from a template', () => {
  test('holds what the template holds, and keeps its own changes to itself', async () => {
    await using template = await leaseDatabase();
    await template.query('CREATE TABLE event AS SELECT generate_series(1, 3) AS id');
    await using copy = await leaseDatabase({ template: template.endpoint.database });
    await copy.query('DELETE FROM event WHERE id = 1');
    expect(await copy.query('SELECT count(*)::int AS n FROM event')).toEqual([{ n: 2 }]);
    expect(await template.query('SELECT count(*)::int AS n FROM event')).toEqual([{ n: 3 }]);
  });

  test('can be had many at once', async () => {
    await using template = await leaseDatabase();
    await template.query('CREATE TABLE event AS SELECT 1 AS id');
    const copies = await Promise.all(
      Array.from({ length: 8 }, () => leaseDatabase({ template: template.endpoint.database })),
    );
    for (const copy of copies) expect(await copy.query('SELECT id FROM event')).toEqual([{ id: 1 }]);
    await Promise.all(copies.map((copy) => copy[Symbol.asyncDispose]()));
  });

  test('waits for a connection to the template that is about to end', async () => {
    await using template = await leaseDatabase();
    const user = await postgresAdmin(template.endpoint.database);
    const copy = leaseDatabase({ template: template.endpoint.database });
    await user.end();
    await (await copy)[Symbol.asyncDispose]();
  });

  test('is refused, with the names of those who are connected, when the connection stays', async () => {
    await using template = await leaseDatabase();
    const user = await postgresAdmin(template.endpoint.database);
    await user.query(`SET application_name = 'the migration'`);
    await expect(leaseDatabase({ template: template.endpoint.database })).rejects.toThrow(
      /^\[template-in-use\] database "test_\w+" cannot be copied .*"the migration" \(process \d+\); close these/,
    );
    await user.end();
  });

  test('is refused when there is no template', async () => {
    await expect(leaseDatabase({ template: 'no "such" thing' })).rejects.toMatchObject({
      code: 'template-missing',
    });
  });
});

describeIntegration('postgres', 'the lease of a database', () => {
  test('does not begin after an abort', async () => {
    const before = await ownDatabases();
    await expect(leaseDatabase({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
    expect(await ownDatabases()).toEqual(before);
  });

  test('ends with the reason of an abort, and the server drops what it was creating', async () => {
    await using template = await leaseDatabase();
    const blocker = await postgresAdmin();
    await blocker.query(`BEGIN; COMMENT ON DATABASE ${template.endpoint.database} IS 'locked'`);
    const before = await ownDatabases();
    const controller = new AbortController();
    const lease = leaseDatabase({ template: template.endpoint.database, signal: controller.signal });
    await untilCreating(template.endpoint.database);
    controller.abort('enough');
    await expect(lease).rejects.toBe('enough');
    await blocker.query('COMMIT');
    expect(await creating(template.endpoint.database)).toBe(0);
    expect(await ownDatabases()).toEqual(before);
    await blocker.end();
  });

  test('says where nobody answers, and never the password', async () => {
    await withVariables({ TEST_POSTGRES_PORT: '1', TEST_POSTGRES_PASSWORD: 'hunter2' }, async () => {
      const error: unknown = await leaseDatabase().catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: 'service-unavailable' });
      expect(String(error)).toMatch(/postgres at \S+:1, as postgres/);
      expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain('hunter2');
    });
  });

  test('tells an unknown user from a missing right', async () => {
    await using database = await leaseDatabase();
    const role = `${database.endpoint.database}_role`;
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'right'`);
    try {
      await withVariables({ TEST_POSTGRES_USER: `${role}_unknown` }, async () => {
        await expect(leaseDatabase()).rejects.toMatchObject({ code: 'authentication-failed' });
      });
      await withVariables({ TEST_POSTGRES_USER: role, TEST_POSTGRES_PASSWORD: 'right' }, async () => {
        await expect(leaseDatabase()).rejects.toMatchObject({ code: 'permission-denied' });
      });
    } finally {
      await database.query(`DROP ROLE ${role}`);
    }
  });

  test('says what is missing when no variable names a server', async () => {
    await withVariables({ TEST_POSTGRES_HOST: '' }, async () => {
      await expect(leaseDatabase()).rejects.toThrow(
        '[service-unavailable] postgres is not to be had: TEST_POSTGRES',
      );
    });
  });
});

/** Other processes lease at the same time. */
async function ownDatabases(): Promise<string[]> {
  return (await handedOutDatabases()).filter((name) => ownerOf(name)?.pid === process.pid);
}

/** Ends the sessions of this process' leases, and of no other's. */
async function endAllSessions(): Promise<void> {
  const client = await postgresAdmin();
  const own = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE application_name = $1 AND pid <> pg_backend_pid()`;
  await client.query(own, [`test-harness ${String(process.pid)}`]);
  await client.end();
}

async function creating(template: string): Promise<number> {
  const client = await postgresAdmin();
  const sql = `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE %' || $1 || '%' AND wait_event_type = 'Lock'`;
  const { rows } = await client.query(sql, [template]);
  await client.end();
  return rows.length;
}

async function untilCreating(template: string): Promise<void> {
  while ((await creating(template)) === 0);
}
