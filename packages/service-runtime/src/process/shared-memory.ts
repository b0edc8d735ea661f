import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.js';

/** The children of a killed PostgreSQL see its death at once, unless the machine is busy. */
const childrenEndWithinMs = 1_000;
const pollMs = 5;

/**
 * A PostgreSQL that was killed outright leaves a System V segment of 56 bytes; its id stands in postmaster.pid.
 * Removed only if the segment still has the key that PostgreSQL recorded for it and nobody is attached. Never rejects.
 *
 * @param folder - Of a service that has ended. One that holds no postmaster.pid costs nothing.
 */
export async function removeSharedMemory(folder: string, clock: Clock): Promise<void> {
  try {
    const recorded = readFileSync(join(folder, 'postmaster.pid'), 'latin1').split('\n')[6];
    const [key, id] = recorded?.trim().split(/\s+/) ?? [];
    if (key === undefined || id === undefined) return;
    const deadline = clock.nowMs() + childrenEndWithinMs;
    while (attachedTo(key, id) !== '0') {
      if (attachedTo(key, id) === undefined || clock.nowMs() > deadline) return;
      await clock.sleep(pollMs);
    }
    execFileSync('ipcrm', ['-m', id], { stdio: 'ignore', timeout: 5_000 });
  } catch {
    // Not a PostgreSQL, or there is no ipcrm: there is nothing to remove or no way to.
  }
}

/** How many processes are attached to a segment; `undefined` if there is no such segment. */
function attachedTo(key: string, id: string): string | undefined {
  // Columns of /proc/sysvipc/shm: key shmid perms size cpid lpid nattch …
  const rows = readFileSync('/proc/sysvipc/shm', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return rows.find(([foundKey, foundId]) => foundKey === key && foundId === id)?.[6];
}
