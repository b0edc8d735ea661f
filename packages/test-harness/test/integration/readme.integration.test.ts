import { readFile } from 'node:fs/promises';

// The example of the README, line for line.
import { describeIntegration, leaseBucket, leaseDatabase, leaseKeyspace } from '@sqlflow/test-harness';

describeIntegration('postgres', () => {
  test('an order is found again', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE "order" (id int); INSERT INTO "order" VALUES (7)');
    expect(await database.query('SELECT id FROM "order" WHERE id = $1', [7])).toEqual([{ id: 7 }]);
    // database.endpoint: { host, port, user, password, database } for the code under test
  });
});

describeIntegration(['object-store', 'redis'], 'a cache in front of a store', () => {
  test('keeps what it has read', async () => {
    await using bucket = await leaseBucket();
    await using keyspace = await leaseKeyspace();
    await bucket.client.putObject(bucket.name, 'a', 'one');
    await keyspace.client.set(`${keyspace.prefix}a`, 'one');
    expect(await keyspace.client.get(`${keyspace.prefix}a`)).toBe('one');
  });
});
// The end of the example.

describe('the README', () => {
  test('shows the example that has just run', async () => {
    const [readme, source] = await Promise.all([
      readFile(new URL('../../README.md', import.meta.url), 'utf8'),
      readFile(new URL(import.meta.url), 'utf8'),
    ]);
    const example = /\/\/ The example of the README.*\n([\s\S]*)\/\/ The end of the example/.exec(
      source,
    )?.[1];
    expect(readme).toContain(example);
  });
});
