import {
  describeIntegration,
  leaseBucket,
  leaseDatabase,
  leaseKeyspace,
  leaseSchema,
} from '@sqlflow/test-harness';
import { Redis } from 'ioredis';
import { pause } from '../../src/deadline.js';
import { databases, postgresAdmin, redisAdmin } from './inventory.js';
import { reportOf } from './leak-report.js';

describeIntegration('postgres', 'a database that is given back', () => {
  test('says nothing of what was closed, or is being closed', async () => {
    const database = await leaseDatabase();
    await database.query('BEGIN; CREATE TABLE event (id int); COMMIT');
    const client = await postgresAdmin(database.endpoint.database);
    // Its process on the server lives on until it wants to answer.
    const sleeping = client.query('SELECT pg_sleep(0.3)').catch(() => undefined);
    await untilListed(client.database, 'pg_sleep');
    const closing = client.end();
    expect(await reportOf(database)).toBeUndefined();
    await Promise.all([sleeping, closing]);
  });

  test('names a connection that was left, and is dropped all the same', async () => {
    const database = await leaseDatabase();
    const name = database.endpoint.database;
    const client = await postgresAdmin(name);
    await client.query(`SET application_name = 'the service'`);
    await client.query(`SELECT '${'x'.repeat(200)}'`);
    const report = await reportOf(database);
    expect(report).toMatch(
      new RegExp(
        `^\\[leaked\\] database ${name} was given back with something left in it:\\n  connection "the service" \\(process \\d+\\), idle since 20\\S+Z, last statement "SELECT 'x{72}"\\n`,
      ),
    );
    expect(report).toContain("lease with { leaks: 'ignore' }");
    expect(await databases()).not.toContain(name);
  });

  test('names an open transaction and the locks that it holds', async () => {
    const database = await leaseDatabase();
    await database.query('CREATE TABLE event (id int)');
    const client = await postgresAdmin(database.endpoint.database);
    await client.query('BEGIN; LOCK TABLE event; SELECT pg_advisory_lock(7), pg_advisory_lock(1, 2)');
    const report = await reportOf(database);
    expect(report).toMatch(/\(process \d+\), idle in transaction since /);
    expect(report).toContain('holds AccessExclusiveLock on relation event');
    expect(report).toContain('holds ExclusiveLock on advisory lock 7');
    expect(report).toContain('holds ExclusiveLock on advisory lock (1, 2)');
  });

  test('names the transaction that its own connection has left open', async () => {
    const database = await leaseDatabase();
    await database.query('BEGIN; CREATE TABLE event (id int)');
    expect(await reportOf(database)).toMatch(
      /the lease's own connection \(process \d+\), idle in transaction since/,
    );
  });

  test('names the advisory lock that its own connection has kept', async () => {
    const database = await leaseDatabase();
    await database.query('SELECT pg_advisory_lock(7)');
    expect(await reportOf(database)).toMatch(
      /own connection .*idle .*\n +holds ExclusiveLock on advisory lock 7/,
    );
  });

  test('says nothing where leaks are to be ignored', async () => {
    const database = await leaseDatabase({ leaks: 'ignore' });
    await postgresAdmin(database.endpoint.database);
    expect(await reportOf(database)).toBeUndefined();
  });
});

describeIntegration('postgres', 'a schema that is given back', () => {
  test('names who holds locks in it, and not who is merely connected', async () => {
    const schema = await leaseSchema();
    await schema.query('CREATE TABLE event (id int)');
    const [idle, locking] = [await postgresAdmin(), await postgresAdmin()];
    await idle.query(`SET application_name = 'idle'`);
    await locking.query(
      `SET application_name = 'locking'; BEGIN; INSERT INTO ${schema.name}.event VALUES (1)`,
    );
    const report = await reportOf(schema);
    expect(report).toMatch(/connection "locking" .*idle in transaction/);
    expect(report).toContain(`holds RowExclusiveLock on relation ${schema.name}.event`);
    expect(report).not.toContain('"idle"');
    expect((await idle.query('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
    await idle.end();
  });
});

describeIntegration('object-store', 'a bucket that is given back', () => {
  test('names uploads that were neither completed nor aborted', async () => {
    const bucket = await leaseBucket();
    const id = await bucket.client.initiateNewMultipartUpload(bucket.name, 'a "big" file', {});
    const done = await bucket.client.initiateNewMultipartUpload(bucket.name, 'another', {});
    await bucket.client.abortMultipartUpload(bucket.name, 'another', done);
    const report = await reportOf(bucket);
    expect(report).toContain(`unfinished upload of "a \\"big\\" file", id ${id}`);
    expect(report).not.toContain('another');
  });
});

describeIntegration('redis', 'a key space that is given back', () => {
  test('says nothing of a connection that is being closed', async () => {
    const keyspace = await leaseKeyspace();
    const client = new Redis({ ...keyspace.endpoint });
    await client.ping();
    const closing = pause(200).then(() => client.disconnect());
    expect(await reportOf(keyspace)).toBeUndefined();
    await closing;
  });

  test('names a connection that was left, and one within MULTI', async () => {
    const keyspace = await leaseKeyspace();
    const client = new Redis({
      ...keyspace.endpoint,
      connectionName: 'the-service',
      retryStrategy: () => null,
    });
    client.on('error', () => undefined);
    await client.ping();
    await keyspace.client.call('MULTI');
    const report = await reportOf(keyspace);
    expect(report).toMatch(
      /connection "the-service" from 127\.0\.0\.1:\d+, in database 0, last command ping/,
    );
    expect(report).toMatch(
      /the lease's own connection from \S+, in database 0, within MULTI, last command multi/,
    );
    expect(report).not.toContain(keyspace.endpoint.password);
  });

  test('names the keys and channels that it was refused, though the test did not look', async () => {
    const keyspace = await leaseKeyspace();
    await keyspace.client.set('cache:7', 'x').catch(() => undefined);
    await keyspace.client.publish('news', 'x').catch(() => undefined);
    const report = await reportOf(keyspace);
    expect(report).toContain('refused: key "cache:7" is outside of the key space (asked for 1 times)');
    expect(report).toContain('refused: channel "news" is outside of the key space');
  });

  test('names a key that came into being outside of every key space, if nobody else is there', async () => {
    const admin = redisAdmin();
    try {
      await admin.set('was there before', 'x');
      const keyspace = await leaseKeyspace();
      await admin.set('cache 7', 'x');
      const isAlone = ((await admin.call('ACL', 'USERS')) as string[]).length === 2;
      const report = await reportOf(keyspace);
      if (isAlone) expect(report).toContain('key "cache 7" outside of every key space, in database 0');
      expect(report ?? '').not.toContain('was there before');
    } finally {
      await admin.del('was there before', 'cache 7');
      admin.disconnect();
    }
  });
});

async function untilListed(database: string | undefined, query: string): Promise<void> {
  const admin = await postgresAdmin();
  const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND query LIKE '%' || $2 || '%'`;
  while ((await admin.query(sql, [database, query])).rowCount === 0);
  await admin.end();
}
