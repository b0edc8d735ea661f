import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** @returns The absolute path of a program, or `undefined`. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile(); // a folder that may be entered passes the first check too
  } catch {
    return false;
  }
}
