// Leases one of each kind, writes to them, says their names, and holds them until its input ends. Whether it gives
// them back then, or ends without a word, is the first parameter: "give-back" or "forget".
import { once } from 'node:events';
import { leaseBucket, leaseDatabase, leaseKeyspace } from '@sqlflow/test-harness';

const database = await leaseDatabase();
await database.query('CREATE TABLE event AS SELECT generate_series(1, 10) AS id');
const bucket = await leaseBucket({ leaks: 'ignore' });
await bucket.client.putObject(bucket.name, 'a', 'one');
await bucket.client.initiateNewMultipartUpload(bucket.name, 'unfinished', {});
const keyspace = await leaseKeyspace();
await keyspace.client.set(`${keyspace.prefix}a`, 'one');
await keyspace.client.select(2);
await keyspace.client.set(`${keyspace.prefix}b`, 'two');

const leases = { database: database.endpoint.database, bucket: bucket.name, prefix: keyspace.prefix };
process.stdout.write(`${JSON.stringify(leases)}\n`);
process.stdin.resume();
await once(process.stdin, 'end');

if (process.argv[2] === 'give-back') {
  for (const lease of [database, bucket, keyspace]) await lease[Symbol.asyncDispose]();
}
