// Leases a logical database of Redis, says its number, and holds it until its input ends.
import { once } from 'node:events';
import { leaseKeyspace } from '@sqlflow/test-harness';

await using keyspace = await leaseKeyspace({ kind: 'database' });
await keyspace.client.set('a', 'one');
process.stdout.write(`${JSON.stringify(keyspace.database)}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
