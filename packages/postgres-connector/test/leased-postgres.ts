import {
  endpointsOf,
  failureBox,
  findWorkspaceRoot,
  leaseServices,
  toVariables,
} from '@sqlflow/service-runtime';

/**
 * Leases PostgreSQL for a program, and sets the variables by which the harness finds it.
 *
 * @returns What gives it back; `undefined` if there is none, and it has been said why.
 */
export async function leasedPostgres(holder: string): Promise<AsyncDisposable | undefined> {
  const lease = await leaseServices({
    workspaceRoot: findWorkspaceRoot(process.cwd()),
    services: ['postgres'],
    holder,
  });
  for (const failure of lease.failures) process.stderr.write(failureBox(failure));
  for (const [name, value] of Object.entries(toVariables(endpointsOf(lease.offers))))
    process.env[name] = value;
  if (lease.offers.length > 0) return lease;
  await lease[Symbol.asyncDispose]();
  return undefined;
}
