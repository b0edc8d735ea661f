// One worker of many: leases and gives back 200 times, of every kind, and says the names of all that it has had.
import assert from 'node:assert/strict';
import {
  defineTemplate,
  leaseBucket,
  leaseDatabase,
  leaseKeyspace,
  leaseSchema,
} from '@sqlflow/test-harness';

const template = defineTemplate({
  name: 'lease-many',
  setUp: ({ query }) => query('CREATE TABLE own AS SELECT 0 AS id'),
});
const names: string[] = [];

const kinds: readonly (() => Promise<void>)[] = [
  async () => {
    await using database = await leaseDatabase({ template });
    names.push(database.endpoint.database);
    const before = await database.query('UPDATE own SET id = 1 WHERE id = 0 RETURNING 1 AS one');
    assert.deepEqual(before, [{ one: 1 }]);
  },
  async () => {
    await using schema = await leaseSchema();
    names.push(schema.name);
    await schema.query('CREATE TABLE own AS SELECT 1 AS id');
    assert.deepEqual(await schema.query('SELECT id FROM own'), [{ id: 1 }]);
  },
  async () => {
    await using bucket = await leaseBucket();
    names.push(bucket.name);
    await assert.rejects(bucket.client.statObject(bucket.name, 'a'), { code: 'NotFound' });
    await bucket.client.putObject(bucket.name, 'a', 'one');
  },
  async () => {
    await using keyspace = await leaseKeyspace();
    names.push(keyspace.prefix);
    assert.equal(await keyspace.client.set(`${keyspace.prefix}a`, 'one', 'GET'), null);
  },
];

/** How often each, of what takes 40, 5, 20 and 5 ms on a machine with two processors. */
const times = [8, 120, 4, 68];
const work = times.flatMap((count, kind) =>
  Array.from({ length: count }, (_, index) => ({ kind, at: index / count })),
);
for (const { kind } of work.toSorted((a, b) => a.at - b.at)) await kinds[kind]?.();
process.stdout.write(`${JSON.stringify(names)}\n`);
