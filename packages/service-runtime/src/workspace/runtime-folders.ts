import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statfsSync,
  accessSync,
  constants,
  existsSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { types } from 'node:util';
import { ServiceFailure } from '../failure/service-failure.js';
import type { Host } from '../host.js';

/** Where the runtime of one workspace keeps its things. Two workspaces share none of them. */
export interface RuntimeFolders {
  /** The workspace's real path. */
  readonly workspace: string;
  /** Twelve hex digits that stand for the workspace, and for the version of PostgreSQL if one is asked for. */
  readonly key: string;
  /** Socket, lock and state. Ours alone. */
  readonly control: string;
  readonly socket: string;
  readonly lock: string;
  readonly state: string;
  /** The servers' data, gone when they stop. In memory where there is room. */
  readonly data: string;
  /** The servers' logs of the last start. Kept. */
  readonly logs: string;
}

/** The longest path that fits a socket address on macOS (104 with the terminating zero); Linux has 4 more. */
const longestSocketPath = 103;

/** Below this a data folder in memory is not worth beginning: an empty PostgreSQL and a few databases. */
const roomNeededBytes = 512 * 1024 * 1024;

/** Derives the folders. Touches nothing but to look. @throws ServiceFailure if the workspace is not there. */
export function runtimeFolders(workspaceRoot: string, host: Host): RuntimeFolders {
  const workspace = realpath(workspaceRoot);
  // Another version of a server is not to be had from the supervisor that started one: it gets one of its own.
  const version = host.environment['SERVICES_POSTGRES_VERSION'] ?? '';
  const variant = version === '' ? '' : `postgres-${version}`;
  const key = createHash('sha256')
    .update(variant === '' ? workspace : `${workspace}\0${variant}`)
    .digest('hex')
    .slice(0, 12);
  const control = join(controlRoot(host), key);
  const socket = join(control, 'supervisor.sock');
  const socketLength = Buffer.byteLength(socket);
  if (socketLength > longestSocketPath) {
    throw new ServiceFailure({
      code: 'FOLDER_NOT_WRITABLE',
      summary: `The temporary folder ${host.temporaryFolder} has too long a path for a socket.`,
      evidence: [`${socket} has ${String(socketLength)} bytes; ${String(longestSocketPath)} are allowed.`],
      next: ['Set TMPDIR to a shorter path: TMPDIR=/tmp'],
    });
  }
  return {
    workspace,
    key,
    control,
    socket,
    lock: join(control, 'lock'),
    state: join(control, 'state.json'),
    data: join(dataRoot(host), key),
    logs: join(workspace, 'logs', variant === '' ? 'services' : `services-${variant}`),
  };
}

/** The parent of every workspace's control folder of this account. */
export function controlRoot(host: Host): string {
  return join(host.temporaryFolder, `sqlflow-services-${String(host.uid)}`);
}

function dataRoot(host: Host): string {
  const parent =
    host.dataFolder !== undefined && hasRoom(host.dataFolder) ? host.dataFolder : host.temporaryFolder;
  return join(parent, `sqlflow-services-${String(host.uid)}-data`);
}

/**
 * Makes the control folder, ours alone to write.
 *
 * @throws ServiceFailure `FOLDER_NOT_WRITABLE` if it cannot be made, or if somebody else made it first: a folder of
 * ours that another account controls could hand us a socket of theirs.
 */
export function makeControlFolder(folders: RuntimeFolders, host: Host): void {
  const root = controlRoot(host);
  makeFolders(folders.control, host);
  assertOurs([root, folders.control, dirname(folders.data), folders.data], host);
}

/**
 * Must be called before anything in the folders is trusted: anybody may make a folder of this name in /tmp.
 *
 * @throws ServiceFailure `FOLDER_NOT_WRITABLE` if one of the folders is there and belongs to somebody else.
 */
export function assertOurs(paths: readonly string[], host: Host): void {
  for (const folder of paths) {
    const found = lstatSync(folder, { throwIfNoEntry: false });
    if (found === undefined || (found.isDirectory() && found.uid === host.uid)) continue;
    throw new ServiceFailure({
      code: 'FOLDER_NOT_WRITABLE',
      summary: `${folder} belongs to another account, so it cannot be trusted.`,
      evidence: [`owner uid ${String(found.uid)}, ours ${String(host.uid)}`],
      next: [`Remove it: sudo rm -rf ${folder}`, 'or set TMPDIR to a folder of your own.'],
    });
  }
}

/** Another workspace's supervisor may remove the empty parent between the making of the two; hardly twice. */
const attempts = 5;

/** Makes a folder whose parent's parent is there. */
export function makeFolders(path: string, host: Host): void {
  for (let attempt = 1; ; attempt++) {
    try {
      makeUnlessThere(dirname(path));
      makeUnlessThere(path);
      accessSync(path, constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      if (attempt === attempts || !isMissing(error)) throw folderFailure(path, host, error);
    }
  }
}

/** One level only: below /proc, Node's own `recursive` never comes back (seen with 20.20). */
function makeUnlessThere(path: string): void {
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === 'ENOENT';
}

/** What an error of the file system means to somebody who wants services. */
export function folderFailure(path: string, host: Host, cause: unknown): ServiceFailure {
  // Not `instanceof`: Jest gives tests an Error of their own, and Node's errors are not of it.
  const full = types.isNativeError(cause) && 'code' in cause && cause.code === 'ENOSPC';
  return new ServiceFailure(
    {
      code: full ? 'DISK_FULL' : 'FOLDER_NOT_WRITABLE',
      summary: `The folder ${path} cannot be made or written to.`,
      evidence: [
        cause instanceof Error ? cause.message : String(cause),
        `temporary folder: ${host.temporaryFolder}`,
      ],
      next: full
        ? [`Free some space: df -h ${host.temporaryFolder}`]
        : ['Set TMPDIR to a folder that you can write to: TMPDIR=/tmp'],
    },
    { cause },
  );
}

/**
 * Removes a workspace's folders, and their parents once no workspace uses them. Must hold the workspace's lock.
 *
 * The lock is the last file to go, and the control folder is not removed with all that is in it: from the moment the
 * lock has no name, another supervisor may have begun there.
 */
export function removeFolders(folders: Pick<RuntimeFolders, 'control' | 'data'>): void {
  rmSync(folders.data, { recursive: true, force: true, maxRetries: 5 });
  removeIfEmpty(dirname(folders.data));
  for (const file of ['supervisor.sock', 'state.json.draft', 'state.json', 'lock']) {
    rmSync(join(folders.control, file), { force: true });
  }
  removeIfEmpty(folders.control);
  removeIfEmpty(dirname(folders.control));
}

export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another workspace's folder is in it, or it is gone.
  }
}

/** Bytes free for us in the file system that holds `folder`. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function hasRoom(folder: string): boolean {
  try {
    return freeBytes(folder) >= roomNeededBytes;
  } catch {
    return false;
  }
}

function realpath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch (cause) {
    throw new ServiceFailure(
      {
        code: 'INVALID_OPTION',
        summary: `The workspace folder ${folder} cannot be read.`,
        evidence: [cause instanceof Error ? cause.message : String(cause)],
        next: ['Run the command inside a workspace.'],
      },
      { cause },
    );
  }
}
