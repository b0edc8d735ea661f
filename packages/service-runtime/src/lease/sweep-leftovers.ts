import { existsSync } from 'node:fs';
import { type Clock, systemClock } from '../clock.js';
import { type Host, thisHost } from '../host.js';
import { runtimeFolders } from '../workspace/runtime-folders.js';
import { reachSupervisor } from './reach-supervisor.js';

const neverAborted = new AbortController().signal;
/** As long as its own sweep may take, and a busy machine. */
const endTimeoutMs = 20_000;
const pollMs = 10;

/**
 * Ends the processes and removes the folders that a killed supervisor of this workspace left, and those of other
 * workspaces whose supervisors are dead: a new supervisor does so before anything else, and ends when nobody wants it.
 * What somebody uses is not touched.
 *
 * @throws ServiceFailure as `leaseServices` does for what concerns all services.
 */
export async function sweepLeftovers(
  options: { readonly workspaceRoot: string; readonly signal?: AbortSignal },
  host: Host = thisHost(),
  clock: Clock = systemClock,
): Promise<void> {
  const signal = options.signal ?? neverAborted;
  const folders = runtimeFolders(options.workspaceRoot, host);
  const connection = await reachSupervisor(folders, host, clock, signal);
  await connection.close();
  const deadline = clock.nowMs() + endTimeoutMs;
  while (existsSync(folders.control) && clock.nowMs() < deadline) await clock.sleep(pollMs, signal);
}
