import { describeIntegration, leaseDatabase, type LeasedDatabase } from '@sqlflow/test-harness';
import { destinationOn, stored } from './destinations.js';

const checkpoint = { format: 'test', version: 1, position: 1 };

/** A role that may do nothing but what is granted to it. It goes with the database. */
async function roleIn(database: LeasedDatabase, grants: (role: string) => string) {
  const name = `${database.endpoint.database}_w`;
  await database.query(`CREATE ROLE ${name} LOGIN PASSWORD 'secret';
    REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO ${name}; ${grants(name)}`);
  return {
    destination: destinationOn(database, { user: name, password: 'secret' }),
    async [Symbol.asyncDispose]() {
      await this.destination[Symbol.asyncDispose]();
      await database.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`);
    },
  };
}

const checkpointTable = `CREATE TABLE sqlflow_checkpoint (stream_namespace text NOT NULL, stream_name text NOT NULL,
  checkpoint text NOT NULL, committed_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (stream_namespace, stream_name))`;

describeIntegration('postgres', 'privileges of a writer', () => {
  test('those that the README names for each mode are enough', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int8 PRIMARY KEY, v text); ${checkpointTable}`);
    await using role = await roleIn(
      database,
      (name) => `GRANT INSERT ON t TO ${name};
      GRANT INSERT, SELECT, UPDATE ON sqlflow_checkpoint TO ${name}`,
    );
    const { destination } = role;
    const grant = (what: string) =>
      database.query(`REVOKE ALL ON t FROM ${database.endpoint.database}_w;
      GRANT ${what} ON t TO ${database.endpoint.database}_w`);
    const rows = [{ id: 1n, v: 'a' }];
    await destination.writeRows({ name: 't' }, rows, { mode: 'append', checkpoint });
    expect(await destination.committedCheckpoint({ name: 't' })).toEqual(checkpoint);
    await expect(
      destination.writeRows({ name: 't' }, rows, { mode: 'upsert', key: ['id'] }),
    ).rejects.toMatchObject({ code: 'permission-denied', kind: 'terminal', effect: 'none' });
    await grant('INSERT, UPDATE, SELECT');
    await destination.writeRows({ name: 't' }, [{ id: 1n, v: 'b' }], { mode: 'upsert', key: ['id'] });
    await grant('DELETE, SELECT');
    await destination.writeRows({ name: 't' }, rows, { mode: 'delete', key: ['id'] });
    await grant('INSERT, DELETE');
    await destination.writeRows({ name: 't' }, [{ id: 2n, v: 'c' }], { mode: 'replace' });
    expect(await stored(database, 't')).toEqual([{ id: 2, v: 'c' }]);
  });

  test('policies decide which rows are written', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int8 PRIMARY KEY, tenant int4); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON t USING (tenant = 1) WITH CHECK (tenant = 1); INSERT INTO t VALUES (1, 2), (2, 1)`);
    await using role = await roleIn(database, (name) => `GRANT INSERT, DELETE, SELECT ON t TO ${name}`);
    const { destination } = role;
    await destination.writeRows({ name: 't' }, [{ id: 3n, tenant: 1 }], { mode: 'replace' });
    await expect(
      destination.writeRows({ name: 't' }, [{ id: 4n, tenant: 2 }], { mode: 'append' }),
    ).rejects.toMatchObject({ code: 'permission-denied', effect: 'none' });
    expect(await stored(database, 't')).toEqual([
      { id: 1, tenant: 2 },
      { id: 3, tenant: 1 },
    ]);
  });

  test('a checkpoint that there is no table for, and none may be created, is told, and nothing is written', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (id int8)');
    await using role = await roleIn(database, (name) => `GRANT INSERT ON t TO ${name}`);
    await expect(
      role.destination.writeRows({ name: 't' }, [{ id: 1n }], { mode: 'append', checkpoint }),
    ).rejects.toMatchObject({ code: 'permission-denied', effect: 'none' });
    expect(await stored(database, 't')).toEqual([]);
  });

  test('writers that need the table of checkpoints for the first time at once create it once', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t (id int8); CREATE TABLE u (id int8)');
    await using one = destinationOn(database);
    await using other = destinationOn(database, { maxConnections: 8 });
    await Promise.all(
      Array.from({ length: 10 }, (_, nth) =>
        (nth % 2 === 0 ? one : other).writeRows({ name: nth % 3 === 0 ? 't' : 'u' }, [{ id: BigInt(nth) }], {
          mode: 'append',
          checkpoint,
        }),
      ),
    );
    expect(await database.query('SELECT count(*)::int AS count FROM sqlflow_checkpoint')).toEqual([
      { count: 2 },
    ]);
    expect([...(await stored(database, 't')), ...(await stored(database, 'u'))]).toHaveLength(10);
  });
});
