import { existsSync } from 'node:fs';
import { findKept, type LeaseServers, removeKept } from '@sqlflow/test-harness';
import {
  builtInServices,
  endpointsOf,
  fromVariables,
  runtimeFolders,
  servicesStatus,
  stopServices,
  sweepLeftovers,
  thisHost,
} from '@sqlflow/service-runtime';
import type { RunContext } from './run-context.js';

/** Longer than a server takes that has to be killed. */
const stopTimeoutMs = 20_000;

/** Stops what nobody uses, removes what killed runs left, and says what it was. What somebody uses is left to them. */
export async function cleanUp(context: RunContext): Promise<void> {
  const { workspaceRoot, print } = context;
  const folders = runtimeFolders(workspaceRoot, thisHost());
  const status = await servicesStatus({ workspaceRoot, signal: context.end });
  const isSupervised = status !== undefined;
  const offers = status?.services.flatMap(({ offer }) => offer ?? []) ?? [];
  const servers: LeaseServers = {
    ...endpointsOf(offers),
    ...fromVariables(builtInServices, context.environment),
  };
  const kept = await findKept(servers);
  for (const lease of kept) {
    await removeKept(lease, servers);
    print(`Removed ${lease.kind} ${lease.name}, which a failed test had leased.`);
  }
  const outcome = await stopAll(context);
  for (const service of outcome.stopped) print(`Stopped ${service}.`);
  for (const { service, holders } of outcome.inUse) {
    print(`${service} runs on: it is used by ${holders.join(', ')}.`);
  }
  // A supervisor that was killed has left its folders, and its servers may not have noticed yet.
  const leftovers = isSupervised
    ? []
    : [folders.control, folders.data].filter((folder) => existsSync(folder));
  if (leftovers.length > 0) await sweepLeftovers({ workspaceRoot, signal: context.end });
  for (const folder of leftovers) print(`Removed ${folder}, which a killed run had left.`);
  if (outcome.stopped.length + outcome.inUse.length + leftovers.length + kept.length === 0)
    print('There was nothing to clean up.');
}

/** Stops the services that nobody uses. */
export async function stopAll(
  context: Pick<RunContext, 'workspaceRoot' | 'clock'>,
): Promise<NonNullable<Awaited<ReturnType<typeof stopServices>>>> {
  const patience = new AbortController();
  const timer = context.clock.schedule(stopTimeoutMs, () => {
    patience.abort(new Error(`services did not stop within ${String(stopTimeoutMs / 1000)} s`));
  });
  try {
    const outcome = await stopServices({ workspaceRoot: context.workspaceRoot, signal: patience.signal });
    return outcome ?? { stopped: [], inUse: [] };
  } finally {
    timer.cancel();
  }
}
