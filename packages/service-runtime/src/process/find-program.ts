import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** @returns The absolute path of a program, or `undefined`. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** From util-linux. Absent on macOS and on some small images, where a watching shell takes its place. */
export const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find(isExecutable);
