import {
  type Endpoints,
  endpointsOf,
  failureBox,
  leaseServices,
  type ServiceLease,
  type ServiceName,
} from '@sqlflow/service-runtime';
import { tracesOf, untilGone } from './traces.js';

/** Leases services from this process; they stop as soon as nobody holds them. @throws if one cannot be had */
export async function leaseHere(
  workspaceRoot: string,
  services: readonly ServiceName[],
  provider = 'local',
): Promise<ServiceLease> {
  const lease = await leaseServices({
    workspaceRoot,
    services,
    holder: 'bench',
    provider,
    keepWarmMs: 0,
  });
  if (lease.failures.length > 0) throw new Error(lease.failures.map(failureBox).join('\n'));
  return lease;
}

/** Does something while the services run, and waits until nothing is left of them. */
export async function whileLeased<T>(
  workspaceRoot: string,
  services: readonly ServiceName[],
  work: (endpoints: Endpoints) => Promise<T>,
): Promise<T> {
  const lease = await leaseHere(workspaceRoot, services);
  const traces = await tracesOf(workspaceRoot);
  const result = await work(endpointsOf(lease.offers));
  await lease[Symbol.asyncDispose]();
  await untilGone(traces);
  return result;
}
