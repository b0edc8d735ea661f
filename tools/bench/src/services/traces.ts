import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  identify,
  isAlive,
  type ProcessIdentity,
  runtimeFolders,
  servicesStatus,
  thisHost,
} from '@sqlflow/service-runtime';

/** What a running set of services consists of: all that must be gone when it is stopped. */
export interface Traces {
  readonly processes: readonly ProcessIdentity[];
  readonly folders: readonly string[];
}

/** The supervisor of a workspace and all that descends from it, its folders with the socket, and the servers' data. */
export async function tracesOf(workspaceRoot: string): Promise<Traces> {
  const { control, data } = runtimeFolders(workspaceRoot, thisHost());
  const status = await servicesStatus({ workspaceRoot });
  const pids = status === undefined ? [] : withDescendants(status.pid);
  return { processes: pids.flatMap((pid) => identify(pid) ?? []), folders: [control, data] };
}

/** Nothing takes as long to go: a supervisor gives its servers 3 s before it kills them. */
const withinMs = 10_000;

/** Looks every millisecond. @throws if something is still there after 10 s, and names it. */
export async function untilGone({ processes, folders }: Traces): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (processes.some(isAlive) || folders.some(existsSync)) {
    if (performance.now() > deadline) {
      const left = [
        ...processes.filter(isAlive).map(({ pid }) => `process ${pid}`),
        ...folders.filter(existsSync),
      ];
      throw new Error(`still there after ${withinMs / 1000} s: ${left.join(', ')}`);
    }
    await sleep(1);
  }
}

function withDescendants(root: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = [root];
  // A child may be listed before its parent, so it is not enough to go through the table once.
  for (const parent of family) {
    family.push(...table.flatMap(([pid, ppid]) => (ppid === parent && pid !== undefined ? [pid] : [])));
  }
  return family;
}
