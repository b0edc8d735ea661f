// Leases services for a workspace, says so on standard output, and holds them until its standard input ends.
import { text } from 'node:stream/consumers';
import { leaseServices, parseServices, ServiceFailure } from '../../../src/index.js';

const [workspaceRoot = '', services = ''] = process.argv.slice(2);
try {
  const lease = await leaseServices({
    workspaceRoot,
    services: parseServices(services.split(','), 'the arguments'),
    holder: `holder ${String(process.pid)}`,
    keepWarmMs: 0,
  });
  console.log(`leased ${JSON.stringify({ offers: lease.offers, failures: lease.failures })}`);
  await text(process.stdin);
  await lease[Symbol.asyncDispose]();
} catch (error) {
  if (!(error instanceof ServiceFailure)) throw error;
  console.log(`failed ${JSON.stringify(error.report)}`);
}
