import { type Clock, systemClock } from '../clock.js';
import { dockerFolders, type Host, thisHost } from '../host.js';
import { findProgram } from '../process/find-program.js';
import { tryLock } from '../process/file-lock.js';
import { locateDocker } from '../service/docker/docker-command.js';
import { isEngineUsable } from '../service/docker/engine.js';
import { removeOrphans } from '../service/docker/project.js';
import { removeProjects, sweepDead, sweepOwn } from '../supervisor/sweep.js';
import { makeControlFolder, removeFolders, runtimeFolders } from '../workspace/runtime-folders.js';

const neverAborted = new AbortController().signal;
const sweepContainersMs = 60_000;

/**
 * Ends the processes and removes the folders that a killed supervisor of this workspace left, and those of other
 * workspaces whose supervisors are dead. What somebody uses is not touched.
 *
 * @throws ServiceFailure `FOLDER_NOT_WRITABLE`
 */
export async function sweepLeftovers(
  options: { readonly workspaceRoot: string; readonly signal?: AbortSignal },
  host: Host = thisHost(),
  clock: Clock = systemClock,
): Promise<void> {
  const signal = options.signal ?? neverAborted;
  const folders = runtimeFolders(options.workspaceRoot, host);
  makeControlFolder(folders, host);
  const lock = tryLock(folders.lock, 'create'); // a supervisor that begins meanwhile waits for us as for a predecessor
  if (lock !== undefined) {
    try {
      await removeProjects(await sweepOwn(folders, clock), host);
      removeFolders(folders);
    } finally {
      lock.release();
    }
  }
  signal.throwIfAborted();
  await sweepDead(folders, host, clock);
}

/**
 * Removes the containers, networks and volumes that killed processes of this machine left, of whatever workspace.
 *
 * @returns the names of what was removed; nothing where there is no engine, or none that this account may use
 * @throws ServiceFailure `DOCKER_NOT_AVAILABLE` for an engine that does not answer; `signal.reason`
 */
export async function sweepContainers(
  options: { readonly signal?: AbortSignal } = {},
  host: Host = thisHost(),
): Promise<string[]> {
  const limits = [AbortSignal.timeout(sweepContainersMs), ...(options.signal ? [options.signal] : [])];
  const signal = AbortSignal.any(limits);
  if (findProgram('docker', dockerFolders(host)) === undefined) return [];
  if (!(await isEngineUsable(locateDocker(host), signal))) return [];
  return removeOrphans(host, signal);
}
