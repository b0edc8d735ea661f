import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Tells one process from every other that ever had or will have its pid: the pid, when it started, and in which boot.
 * A process is only ever signalled when all three match what was recorded.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** The kernel's own words: clock ticks since boot on Linux, a date on macOS. Only compared for equality. */
  readonly startedAt: string;
  readonly bootId: string;
}

/** @returns `undefined` when no process has this pid, or only a zombie that its parent has not collected yet. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? linuxStart(pid) : otherStart(pid);
  return startedAt === undefined ? undefined : { pid, startedAt, bootId: bootId() };
}

export function isAlive(identity: ProcessIdentity): boolean {
  const found = identify(identity.pid);
  return found?.startedAt === identity.startedAt && found.bootId === identity.bootId;
}

/** Sends `signal` only if the process is still the one that was recorded. @returns whether it was sent. */
export function signalIfSame(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch {
    return false; // it ended in between
  }
}

function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    // The second field is the name in parentheses, which may hold spaces and parentheses itself.
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = afterName;
    return state === 'Z' || state === 'X' ? undefined : afterName[19]; // field 22 of stat(5), counted from 1
  } catch {
    return undefined;
  }
}

function otherStart(pid: number): string | undefined {
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5_000,
    }).trim();
    return started === '' ? undefined : started;
  } catch {
    return undefined;
  }
}

let knownBootId: string | undefined;

/** Cached: it cannot change while this process lives. */
function bootId(): string {
  knownBootId ??=
    process.platform === 'linux'
      ? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
      : execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8', timeout: 5_000 }).trim();
  return knownBootId;
}
