// Leases a schema, says its name, and holds it until its input ends.
import { once } from 'node:events';
import { leaseSchema } from '@sqlflow/test-harness';

await using schema = await leaseSchema();
await schema.query('CREATE TABLE event AS SELECT 1 AS id');
process.stdout.write(`${JSON.stringify(schema.name)}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
