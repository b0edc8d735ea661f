import { spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { types } from 'node:util';

/** Held until `release`, or until this process ends in any way: the kernel frees it. */
export interface FileLock {
  release(): void;
}

/** BSD's flag that opens and locks in one step; Node names it nowhere, Linux has none. From sys/fcntl.h. */
const O_EXLOCK = 0x20;

/**
 * Takes an exclusive lock on a file without waiting.
 *
 * Node has no flock. On Linux the util-linux program locks the file description that we hand it, and the lock stays
 * with our descriptor when the program ends; on BSD and macOS `open` can lock. Neither leaves a lock behind when its
 * holder is killed, which lock files with a pid inside do.
 *
 * @param mode - `create` makes a file that is not there, `existing` does not.
 * @returns `undefined` if another process holds it or has just removed it, or if there is no file or no folder for it.
 */
export function tryLock(path: string, mode: 'create' | 'existing'): FileLock | undefined {
  const flags = constants.O_RDWR | (mode === 'create' ? constants.O_CREAT : 0);
  const descriptor = process.platform === 'darwin' ? openLocked(path, flags) : openAndLock(path, flags);
  if (descriptor === undefined) return undefined;
  // A holder removes the file when it ends. A lock on a file that has no name any more guards nothing.
  if (!isStillNamed(descriptor, path)) {
    closeSync(descriptor);
    return undefined;
  }
  return {
    release: () => {
      closeSync(descriptor);
    },
  };
}

function openAndLock(path: string, flags: number): number | undefined {
  const descriptor = openUnless(['ENOENT'], path, flags);
  if (descriptor === undefined) return undefined;
  const { status, error } = spawnSync('flock', ['-x', '-n', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
    timeout: 10_000,
  });
  if (status === 0) return descriptor;
  closeSync(descriptor);
  if (status === 1) return undefined; // somebody holds it
  throw error ?? new Error(`flock ended with exit code ${String(status)}`);
}

function openLocked(path: string, flags: number): number | undefined {
  return openUnless(['ENOENT', 'EAGAIN'], path, flags | constants.O_NONBLOCK | O_EXLOCK);
}

function openUnless(expected: readonly string[], path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    // Not `instanceof`: Jest gives tests an Error of their own, and Node's errors are not of it.
    if (types.isNativeError(error) && 'code' in error && expected.includes(String(error.code)))
      return undefined;
    throw error;
  }
}

function isStillNamed(descriptor: number, path: string): boolean {
  try {
    return fstatSync(descriptor).ino === statSync(path).ino;
  } catch {
    return false;
  }
}
