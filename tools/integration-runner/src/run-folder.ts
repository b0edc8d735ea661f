import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const keptRuns = 10;
const runName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(-\d+)?$/;

/**
 * Makes the folder of a run, named for the time that it started at, in UTC; points `latest` to it, and removes all but
 * the last 10.
 *
 * @param timestamp - ISO 8601
 */
export function makeRunFolder(parent: string, timestamp: string): string {
  mkdirSync(parent, { recursive: true });
  const name = makeOwn(parent, timestamp.slice(0, 19).replaceAll(':', '-'));
  pointLatest(parent, name);
  for (const old of runFolders(parent).slice(0, -keptRuns)) {
    rmSync(join(parent, old), { recursive: true, force: true });
  }
  return join(parent, name);
}

/** The folders of runs, the oldest first. */
export function runFolders(parent: string): string[] {
  return readdirSync(parent)
    .filter((name) => runName.test(name))
    .sort();
}

/** Another run may have started in the same second. */
function makeOwn(parent: string, name: string): string {
  for (let attempt = 1; ; attempt += 1) {
    const candidate = attempt === 1 ? name : `${name}-${String(attempt)}`;
    try {
      mkdirSync(join(parent, candidate));
      return candidate;
    } catch (error) {
      if (!isThere(join(parent, candidate))) throw error;
    }
  }
}

/** Renamed into its place, so that there is no moment without one. */
function pointLatest(parent: string, name: string): void {
  const draft = join(parent, `.latest-${name}`);
  symlinkSync(name, draft);
  renameSync(draft, join(parent, 'latest'));
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
