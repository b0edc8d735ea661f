import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import type { Host } from '../host.js';
import { tryLock } from '../process/file-lock.js';
import { isAlive, signalIfSame } from '../process/process-identity.js';
import { removeSharedMemory } from '../process/shared-memory.js';
import { removeEach, removeProject } from '../service/docker/project.js';
import {
  controlRoot,
  removeFolders,
  removeIfEmpty,
  type RuntimeFolders,
} from '../workspace/runtime-folders.js';
import { readState, type SupervisorState } from './state-file.js';

/** A server that was told to end and has not by then is killed. */
const endWithinMs = 3_000;
const pollMs = 5;

/** Removing a container takes 0.2 s. */
const removeProjectsWithinMs = 30_000;

/**
 * Ends what a killed supervisor of this workspace left, and removes its data. Must hold the workspace's lock.
 * Only recorded processes are signalled, and only if pid, start time and boot are those that were recorded.
 *
 * @returns the Docker projects that it left, for `removeProjects`: an engine may take its time, and nobody should wait.
 */
export async function sweepOwn(folders: RuntimeFolders, clock: Clock): Promise<readonly string[]> {
  const state = readState(folders.state);
  if (state === undefined) return [];
  await sweepProcesses(state, clock);
  // Not always the folder that we would take now: that depends on the room there was.
  rmSync(state.dataFolder, { recursive: true, force: true, maxRetries: 5 });
  return state.projects;
}

/** Removes what Docker made for a supervisor that was killed. Never rejects, and takes as long as one hanging engine. */
export async function removeProjects(names: readonly string[], host: Host): Promise<void> {
  const limit = AbortSignal.timeout(removeProjectsWithinMs);
  // Without an engine there is nothing to remove it from, and its own reaper goes on as long as it takes.
  await removeEach(names, (name) => removeProject(name, host, limit)).catch(() => undefined);
}

/** The same for every other workspace of this account whose supervisor is dead, and its folders with it. */
export async function sweepDead(own: RuntimeFolders, host: Host, clock: Clock): Promise<void> {
  const root = controlRoot(host);
  for (const key of namesIn(root)) {
    if (key === own.key) continue;
    const control = join(root, key);
    const lock = tryLock(join(control, 'lock'), 'existing');
    if (lock === undefined) {
      // Its supervisor lives, unless it was killed before it made a lock. One that is about to make one starts anew.
      removeIfEmpty(control);
      continue;
    }
    const state = readState(join(control, 'state.json'));
    if (state !== undefined) {
      await sweepProcesses(state, clock);
      await removeProjects(state.projects, host);
    }
    removeFolders({ control, data: state?.dataFolder ?? control });
    lock.release();
  }
}

async function sweepProcesses(state: SupervisorState, clock: Clock): Promise<void> {
  for (const server of state.processes) signalIfSame(server, server.endSignal);
  const deadline = clock.nowMs() + endWithinMs;
  while (state.processes.some(isAlive) && clock.nowMs() < deadline) await clock.sleep(pollMs);
  for (const server of state.processes) signalIfSame(server, 'SIGKILL');
  for (const service of namesIn(state.dataFolder))
    await removeSharedMemory(join(state.dataFolder, service), clock);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it is made when it is needed, and gone with what was in it
  }
}
