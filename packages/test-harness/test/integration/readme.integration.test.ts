import { readFile } from 'node:fs/promises';
import { defineTemplate, inTransaction, leaseSchema } from '@sqlflow/test-harness';

// An example of the README, line for line.
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

// An example of the README, line for line.
const shop = defineTemplate({
  name: 'shop',
  // files: ['migrations'], every .sql file of a folder in the order of the names
  setUp: async ({ query }) => {
    await query('CREATE TABLE customer (id int PRIMARY KEY, name text)');
    await query("INSERT INTO customer VALUES (1, 'Ada')");
  },
});

describeIntegration('postgres', 'customers', () => {
  test('can be renamed', async () => {
    await using database = await leaseDatabase({ template: shop });
    await database.query("UPDATE customer SET name = 'Grace'");
    expect(await database.query('SELECT name FROM customer')).toEqual([{ name: 'Grace' }]);
  });

  test('are as they were for the next test', async () => {
    await using database = await leaseDatabase({ template: shop });
    expect(await database.query('SELECT name FROM customer')).toEqual([{ name: 'Ada' }]);
  });
});
// The end of the example.

// An example of the README, line for line.
describeIntegration('postgres', 'a schema', () => {
  test('is as it was after a transaction', async () => {
    await using schema = await leaseSchema(); // takes a millisecond; { database } makes it in a database of yours
    await schema.query('CREATE TABLE event (id int)'); // schema.endpoint has the schema as its search path
    await inTransaction(schema, async (client) => {
      await client.query('INSERT INTO event VALUES (1)'); // rolled back in any case
    });
    expect(await schema.query('SELECT * FROM event')).toEqual([]);
  });
});
// The end of the example.

describe('the README', () => {
  test('shows the examples that have just run', async () => {
    const [readme, source] = await Promise.all([
      readFile(new URL('../../README.md', import.meta.url), 'utf8'),
      readFile(new URL(import.meta.url), 'utf8'),
    ]);
    const examples = source.matchAll(
      /\/\/ An? example of the README.*\n([\s\S]*?)\/\/ The end of the example/g,
    );
    const found = [...examples].map(([, example]) => example);
    expect(found).toHaveLength(3);
    for (const example of found) expect(readme).toContain(example);
  });
});
