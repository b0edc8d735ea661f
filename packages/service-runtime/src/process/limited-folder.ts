import { mkdirSync, statfsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { types } from 'node:util';
import type { Clock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import type { Host } from '../host.js';
import { findProgram } from './find-program.js';
import { runToEnd } from './run-to-end.js';
import { type OwnedProcess, type RecordProcess, startOwnedProcess } from './owned-process.js';

/**
 * A folder in memory that holds so many bytes and no more. Only those see it who are started with its `host`; it goes with
 * the last of them, so there is nothing that could be left mounted.
 */
export interface LimitedFolder {
  /** As they call it. */
  readonly path: string;
  /** As we, who are outside, call it. */
  readonly seenFromOutside: string;
  /** Starts programs that see it. */
  readonly host: Host;
  /** Takes what room is left, to the last byte. */
  fill(): Promise<void>;
  /** Gives back what `fill` has taken. */
  free(): Promise<void>;
  /** Resolves when its keeper is gone; the data is gone with the last process in it. */
  end(): Promise<void>;
}

export interface LimitedFolderContext {
  readonly host: Host;
  readonly clock: Clock;
  /** For what its keeper has to complain of. */
  readonly logFile: string;
  readonly record: RecordProcess;
  readonly signal: AbortSignal;
}

/** Mounting takes 10 ms. */
const mountWithinMs = 5_000;
const pollMs = 3;

/**
 * It stays and keeps the mount where nobody else sees it. The segment of shared memory by which PostgreSQL knows its
 * folder goes with it too: were all of them killed, nobody could read in the folder what the segment is called.
 */
const keeper = 'mount -t tmpfs -o "$1" sqlflow "$0" && cd "$0" && exec sleep 2147483647';

/** Root may mount; others may in a user namespace of their own, in which they stay who they are. */
const asRoot = ['--mount', '--ipc'];
const asUser = ['--user', '--map-current-user', '--keep-caps', ...asRoot];

/**
 * Says why a folder with a limit cannot be had here, or `undefined` if it can: it is tried out, where nobody sees it.
 *
 * @throws `signal.reason`
 */
export async function limitedFolderObstacle(host: Host, signal: AbortSignal): Promise<string | undefined> {
  const found = programs(host);
  if (found === undefined) return missingPrograms;
  const args = [...(host.uid === 0 ? asRoot : asUser), '--', 'mount', '-t', 'tmpfs', 'sqlflow', '/tmp'];
  const asOurselves = { ...host, serverAccount: undefined };
  const { exitCode, complaint } = await runToEnd({ file: found.unshare, args }, asOurselves, signal);
  return exitCode === 0 ? undefined : `${notAllowed}: ${complaint.trim()}`;
}

/**
 * Makes a folder with a limit.
 *
 * @param path - Made; its parent is there.
 * @throws ServiceFailure `FAULT_NOT_SUPPORTED` where the system does not allow it.
 */
export async function makeLimitedFolder(
  path: string,
  bytes: number,
  context: LimitedFolderContext,
): Promise<LimitedFolder> {
  const { host, clock, signal } = context;
  const found = programs(host);
  if (found === undefined) throw notSupported(missingPrograms);
  const { serverAccount: account } = host;
  const isRoot = host.uid === 0;
  const owner = account ? [`uid=${String(account.uid)}`, `gid=${String(account.gid)}`] : [];
  mkdirSync(path);
  const kept = startOwnedProcess(
    {
      file: found.unshare,
      args: [
        ...(isRoot ? asRoot : asUser),
        ...['--', '/bin/sh', '-c', keeper, path],
        [`size=${String(bytes)}`, 'mode=0700', ...owner].join(','),
      ],
      logFile: context.logFile,
      endSignal: 'SIGKILL',
    },
    { ...host, serverAccount: undefined },
    clock,
    context.record,
  );
  const seenFromOutside = `/proc/${String(kept.pid)}/root${path}`;
  try {
    await untilMounted(seenFromOutside, bytes, kept, clock, signal);
  } catch (error) {
    await kept.end();
    throw error;
  }
  const into = isRoot ? ['--mount', '--ipc'] : ['--user', '--preserve-credentials', '--mount', '--ipc'];
  const filler = join(seenFromOutside, 'filler');
  return {
    path,
    seenFromOutside,
    host: { ...host, namespace: { enter: [found.nsenter, ...into, '--target', String(kept.pid), '--'] } },
    fill: () => fill(filler),
    free: () => rm(filler, { force: true }),
    end: async () => {
      await kept.end();
    },
  };
}

/** Not those of `host`, which a person may have narrowed: these are no servers. */
const systemFolders = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

const missingPrograms = 'it takes unshare, nsenter and setpriv of util-linux, on Linux';
const notAllowed = 'the system does not let this account mount one';

function programs({ platform, setpriv }: Host): { unshare: string; nsenter: string } | undefined {
  const unshare = findProgram('unshare', systemFolders);
  const nsenter = findProgram('nsenter', systemFolders);
  const isComplete = platform === 'linux' && setpriv !== undefined;
  return isComplete && unshare && nsenter ? { unshare, nsenter } : undefined;
}

async function untilMounted(
  seen: string,
  bytes: number,
  kept: OwnedProcess,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const deadline = clock.nowMs() + mountWithinMs;
  while (!hasSize(seen, bytes)) {
    signal.throwIfAborted();
    if (kept.exitStatus() !== undefined) throw notSupported(notAllowed);
    if (clock.nowMs() > deadline) throw notSupported('mounting one does not come to an end');
    await clock.sleep(pollMs, signal);
  }
}

/** The size is rounded up to whole pages. */
function hasSize(folder: string, bytes: number): boolean {
  try {
    const { blocks, bsize } = statfsSync(folder);
    return blocks === Math.ceil(bytes / bsize);
  } catch {
    return false; // the keeper has not come that far, or has ended
  }
}

const chunks = [1024 * 1024, 4096, 1];

/** Ever smaller pieces, each size until there is no room for one more. */
async function fill(file: string): Promise<void> {
  await using handle = await open(file, 'a', 0o600);
  for (const size of chunks) {
    const piece = Buffer.alloc(size);
    try {
      // A write that finds no room for all of it writes what there is room for.
      for (;;) if ((await handle.write(piece)).bytesWritten < size) break;
    } catch (error) {
      if (!types.isNativeError(error) || !('code' in error) || error.code !== 'ENOSPC') throw error;
    }
  }
}

function notSupported(reason: string): ServiceFailure {
  return new ServiceFailure({
    code: 'FAULT_NOT_SUPPORTED',
    summary: 'A data folder of limited size cannot be had here.',
    evidence: [reason],
    next: [
      'Run as root on Linux, or where an account may make user namespaces: unshare --user --map-current-user --mount true',
    ],
  });
}
