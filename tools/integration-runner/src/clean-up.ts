import { existsSync } from 'node:fs';
import { findKept, type LeaseServers, removeKept } from '@sqlflow/test-harness';
import {
  builtInServices,
  endpointsOf,
  failureBox,
  fromVariables,
  runtimeFolders,
  ServiceFailure,
  servicesStatus,
  stopServices,
  sweepContainers,
  sweepLeftovers,
  thisHost,
} from '@sqlflow/service-runtime';
import type { RunContext } from './run-context.js';

type Stopped = NonNullable<Awaited<ReturnType<typeof stopServices>>>;

/** Longer than a server takes that has to be killed. */
const stopTimeoutMs = 20_000;

/**
 * Stops what nobody uses, removes what killed runs left, and says what it was. What somebody uses is left to them. What
 * cannot be done is said, and keeps nothing else from being done.
 *
 * @returns whether all of it could be done
 * @throws what ended it, once the context's `end` has aborted
 */
export async function cleanUp(context: RunContext): Promise<boolean> {
  const { workspaceRoot, print, end: signal } = context;
  let done = 0;
  let failed = 0;
  const say = (text: string): void => {
    done++;
    print(text);
  };
  const attempt = async <T>(what: string, step: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      signal.throwIfAborted();
      failed++;
      context.printError(`Could not ${what}: ${explained(error)}`);
      return undefined;
    }
  };

  const folders = runtimeFolders(workspaceRoot, thisHost());
  const supervised = await attempt('ask which services run', async () => ({
    status: await servicesStatus({ workspaceRoot, signal }),
  }));
  const offers = supervised?.status?.services.flatMap(({ offer }) => offer ?? []) ?? [];
  const servers: LeaseServers[] = Object.entries(endpointsOf(offers)).map(([name, endpoint]) => ({
    [name]: endpoint,
  }));
  for (const service of builtInServices) {
    const named = await attempt(`tell where ${service} is`, () =>
      fromVariables([service], context.environment),
    );
    if (named?.[service] !== undefined) servers.push(named);
  }
  for (const server of servers) {
    const kept = await attempt(`look for what tests have left on ${Object.keys(server).join()}`, () =>
      findKept(server),
    );
    for (const lease of kept ?? []) {
      await attempt(`remove ${lease.kind} ${lease.name}`, async () => {
        await removeKept(lease, server);
        say(`Removed ${lease.kind} ${lease.name}, which a failed test had leased.`);
      });
    }
  }
  const outcome = await attempt('stop the services', () => stopAll(context));
  for (const service of outcome?.stopped ?? []) say(`Stopped ${service}.`);
  for (const { service, holders } of outcome?.inUse ?? []) {
    say(`${service} runs on: it is used by ${holders.join(', ')}.`);
  }
  // A supervisor that was killed has left its folders, and its servers may not have noticed yet.
  const isDead = supervised !== undefined && supervised.status === undefined;
  const leftovers = isDead ? [folders.control, folders.data].filter((folder) => existsSync(folder)) : [];
  await attempt('sweep what killed runs left', async () => {
    await sweepLeftovers({ workspaceRoot, signal });
    for (const folder of leftovers) say(`Removed ${folder}, which a killed run had left.`);
  });
  const containers = await attempt('remove the containers that killed runs left', () =>
    sweepContainers({ signal }),
  );
  for (const name of containers ?? []) say(`Removed ${name}, which a killed run had left.`);
  if (done + failed === 0) print('There was nothing to clean up.');
  return failed === 0;
}

/** Stops the services that nobody uses. */
async function stopAll(context: Pick<RunContext, 'workspaceRoot' | 'clock'>): Promise<Stopped> {
  const patience = new AbortController();
  const timer = context.clock.schedule(stopTimeoutMs, () => {
    patience.abort(new Error(`they did not stop within ${String(stopTimeoutMs / 1000)} s`));
  });
  try {
    const outcome = await stopServices({ workspaceRoot: context.workspaceRoot, signal: patience.signal });
    return outcome ?? { stopped: [], inUse: [] };
  } finally {
    timer.cancel();
  }
}

/** The same after a run, whose verdict stands whatever comes of it: a failure is only said. */
export async function stopAfterRun(
  context: Pick<RunContext, 'workspaceRoot' | 'clock' | 'printError'>,
): Promise<void> {
  await stopAll(context).catch((error: unknown) => {
    context.printError(`Could not stop the services: ${explained(error)}`);
  });
}

function explained(error: unknown): string {
  if (error instanceof ServiceFailure) return `\n${failureBox(error.report)}`;
  return error instanceof Error ? error.message : String(error);
}
