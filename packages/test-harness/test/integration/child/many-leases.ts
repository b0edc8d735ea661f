// Leases and gives back, several at a time, and says the names of all that it has had.
import { leaseBucket, leaseDatabase, leaseKeyspace } from '@sqlflow/test-harness';

const rounds = 2;
const atOnce = 2;
const names: string[] = [];

async function use(): Promise<void> {
  await using database = await leaseDatabase();
  await using bucket = await leaseBucket();
  await using keyspace = await leaseKeyspace();
  names.push(database.endpoint.database, bucket.name, keyspace.prefix);
  await database.query('CREATE TABLE own AS SELECT 1 AS id');
  await bucket.client.putObject(bucket.name, 'a', '');
  await keyspace.client.set(`${keyspace.prefix}a`, '');
}

for (let round = 1; round <= rounds; round += 1) {
  await Promise.all(Array.from({ length: atOnce }, use));
}
process.stdout.write(`${JSON.stringify(names)}\n`);
