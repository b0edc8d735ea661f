// One worker of many: leases and gives back 200 times, of every kind, and says the names of all that it has had.
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
    await database.query('UPDATE own SET id = 1 WHERE id = 0');
  },
  async () => {
    await using schema = await leaseSchema();
    names.push(schema.name);
    await schema.query('CREATE TABLE own AS SELECT 1 AS id');
  },
  async () => {
    await using bucket = await leaseBucket();
    names.push(bucket.name);
    await bucket.client.putObject(bucket.name, 'a', 'one');
  },
  async () => {
    await using keyspace = await leaseKeyspace();
    names.push(keyspace.prefix);
    await keyspace.client.set(`${keyspace.prefix}a`, 'one');
  },
];

/** How often each, of what takes 40, 5, 20 and 5 ms on a machine with two processors. */
const times = [20, 80, 20, 80];
const work = times.flatMap((count, kind) =>
  Array.from({ length: count }, (_, index) => ({ kind, at: index / count })),
);
for (const { kind } of work.toSorted((a, b) => a.at - b.at)) await kinds[kind]?.();
process.stdout.write(`${JSON.stringify(names)}\n`);
