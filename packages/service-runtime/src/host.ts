import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { isExecutable } from './process/find-program.js';
import type { Environment } from './service/variables.js';

/** The machine and the account that the runtime finds itself on. */
export interface Host {
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
  readonly uid: number;
  /** Set when we are root: servers refuse to run as root, so they run under this account, which owns nothing. */
  readonly serverAccount: { readonly uid: number; readonly gid: number } | undefined;
  readonly nodePath: string;
  /** Sockets, locks and state live here. Memory or disk, emptied by the system now and then. */
  readonly temporaryFolder: string;
  /** Where the servers' data is best kept: in memory, where the system has such a folder, or where we were told. */
  readonly dataFolder: string | undefined;
  /**
   * util-linux's program that lets the kernel end a process with its parent. Absent on macOS and on some small images;
   * a watching shell takes its place there.
   */
  readonly setpriv: string | undefined;
  /** Set for servers that see other mounts than we do: the command line that runs what follows it among those. */
  readonly namespace?: { readonly enter: readonly string[] };
  /** Where server programs are looked for, in this order. */
  readonly programFolders: readonly string[];
  /** What is expensive to make again: prepared binaries, initdb templates. Readable by `serverAccount`. */
  readonly cacheFolder: string;
  readonly environment: Environment;
}

/** 65534 is `nobody` on every Linux and, as -2 in other words, on macOS; the account needs no home and no name. */
const nobody = { uid: 65_534, gid: 65_534 };

/** Reads the real machine. The one place that does. */
export function thisHost(): Host {
  const environment = process.env;
  const uid = process.getuid?.() ?? -1;
  return {
    platform: process.platform,
    architecture: process.arch,
    uid,
    serverAccount: uid === 0 ? nobody : undefined,
    nodePath: process.execPath,
    temporaryFolder: tmpdir(),
    dataFolder:
      environment['SERVICES_DATA_FOLDER'] ?? (process.platform === 'linux' ? '/dev/shm' : undefined),
    setpriv: ['/usr/bin/setpriv', '/bin/setpriv'].find(isExecutable),
    programFolders: programFolders(environment),
    cacheFolder: cacheFolder(environment, uid),
    environment,
  };
}

/** Where servers are installed on Debian, Fedora and Homebrew, and an ordinary user's PATH may not reach. */
const systemFolders = [
  ...['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin'],
];

function programFolders(environment: Environment): string[] {
  const given = environment['SERVICES_PATH'];
  if (given) return given.split(delimiter);
  return [...foldersOnPath(environment), ...systemFolders];
}

/** Where Docker's programs are looked for: they are no servers, so SERVICES_PATH does not hide those on PATH. */
export function dockerFolders({ programFolders: folders, environment }: Host): string[] {
  return [...new Set([...folders, ...foldersOnPath(environment)])];
}

function foldersOnPath(environment: Environment): string[] {
  return (environment['PATH'] ?? '').split(delimiter).filter(Boolean);
}

function cacheFolder(environment: Environment, uid: number): string {
  const given = environment['SERVICES_CACHE_FOLDER'];
  if (given) return given;
  // Root's home is closed to the account that the servers run under.
  if (uid === 0) return '/var/cache/sqlflow-services';
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'sqlflow-services');
  return join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sqlflow-services');
}
