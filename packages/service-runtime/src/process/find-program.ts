import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Environment } from '../service/endpoint-variables.js';

/** Where servers are installed on Debian, Fedora and Homebrew, and an ordinary user's PATH may not reach. */
const systemFolders = [
  '/usr/local/bin',
  '/usr/bin',
  '/bin',
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/opt/homebrew/bin',
];

/** @returns The absolute path of a program on PATH or in the system's own folders, or `undefined`. */
export function findProgram(name: string, environment: Environment): string | undefined {
  const folders = [...(environment['PATH'] ?? '').split(delimiter).filter(Boolean), ...systemFolders];
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
