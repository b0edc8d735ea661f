// A new process that leases once, from the template that the benchmark has built, and says how long that took.
import { leaseDatabase } from '@sqlflow/test-harness';
import { shop } from './shop.js';

const begin = performance.now();
const database = await leaseDatabase({ template: shop });
process.stdout.write(`${String(performance.now() - begin)}\n`);
await database[Symbol.asyncDispose]();
