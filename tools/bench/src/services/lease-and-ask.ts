// A client, as a test run is one: leases services, asks each its first query, leases them again, says how long each took,
// and holds the lease until its standard input ends. Its modules are loaded before the clock starts.
import { text } from 'node:stream/consumers';
import { endpointsOf, parseServices, type ServiceLease } from '@sqlflow/service-runtime';
import type { ClientTimes } from './client.js';
import { askAll } from './first-query.js';
import { leaseHere } from './lease-here.js';

const [workspaceRoot = '', services = '', provider = ''] = process.argv.slice(2);

const lease = (): Promise<ServiceLease> =>
  leaseHere(workspaceRoot, parseServices(services.split(','), 'the arguments'), provider);

const begin = performance.now();
const first = await lease();
const leased = performance.now();
await askAll(endpointsOf(first.offers));
const answered = performance.now();
await lease();
const leasedAgain = performance.now();

const times: ClientTimes = {
  leasedMs: leased - begin,
  answeredMs: answered - begin,
  leasedAgainMs: leasedAgain - answered,
  startedInMs: Object.fromEntries(
    first.offers.flatMap(({ service, startedInMs }) =>
      startedInMs === undefined ? [] : [[service, startedInMs]],
    ),
  ),
};
console.log(JSON.stringify(times));
await text(process.stdin);
process.exit(0);
