import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { errorCodeOf } from '../harness-error.js';
import type { Owner } from './owner.js';

const run = promisify(execFile);

/** `ps` and `sysctl` answer in 5 ms; the limit is for a machine in trouble. */
const commandTimeoutMs = 5_000;

/** How one platform tells processes apart. */
interface ProcessTable {
  /** The same for exactly those processes that see each other's process ids, and other after a reboot. */
  readonly place: () => Promise<string>;
  /** When the process started. `undefined` for a zombie. Rejects if the process cannot be seen. */
  readonly startOf: (pid: number) => Promise<string | undefined>;
}

const tables: Partial<Record<NodeJS.Platform, ProcessTable>> = {
  linux: {
    place: async () =>
      digest(await readFile('/proc/sys/kernel/random/boot_id', 'utf8'), await readlink('/proc/self/ns/pid')),
    startOf: async (pid) => startInStat(await readFile(`/proc/${String(pid)}/stat`, 'utf8')),
  },
  darwin: {
    place: async () => digest(await output('/usr/sbin/sysctl', '-n', 'kern.bootsessionuuid')),
    startOf: async (pid) => {
      const text = (await output('/bin/ps', '-o', 'stat=,lstart=', '-p', String(pid))).trim();
      return text.startsWith('Z') ? undefined : digest(text.replace(/^\S+\s+/, ''));
    },
  },
};

/** On any other platform leases are taken and never swept. */
const nowhere: Omit<Owner, 'pid'> = { place: '0000000000', startedAt: '0' };

let ofThisProcess: Promise<Owner> | undefined;

/** The owner that the leases of this process carry. It is looked for once. */
export function thisProcess(): Promise<Owner> {
  ofThisProcess ??= lookForThisProcess();
  return ofThisProcess;
}

async function lookForThisProcess(): Promise<Owner> {
  const table = tables[process.platform];
  const startedAt = await table?.startOf(process.pid);
  if (table === undefined || startedAt === undefined) return { ...nowhere, pid: process.pid };
  return { place: await table.place(), pid: process.pid, startedAt };
}

/**
 * Whether an owner has provably ended: it is of this place, and its process id is free or now that of a process
 * which started at another time. Whoever cannot be judged counts as alive.
 */
export async function hasEnded(owner: Owner, here: Owner): Promise<boolean> {
  if (owner.place !== here.place || owner.place === nowhere.place) return false;
  // Asked by signal 0 first: /proc may hide the processes of other users, and hidden is not ended.
  if (!processExists(owner.pid)) return true;
  try {
    return (await startOf(owner.pid)) !== owner.startedAt;
  } catch {
    return false;
  }
}

/**
 * Finds state and start time in the text of /proc/PID/stat (fields 3 and 22; field 2, the name, may hold blanks and
 * brackets). @returns `undefined` for a zombie, which has ended and is only waiting to be collected.
 */
export function startInStat(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  if (ticks === undefined) throw new RangeError(`/proc/PID/stat has ${String(fields.length + 2)} fields`);
  return state === 'Z' || state === 'X' ? undefined : BigInt(ticks).toString(36);
}

/** When a process of this place started. `undefined` if it is a zombie, or on a platform whose processes we cannot read. */
export async function startOf(pid: number): Promise<string | undefined> {
  return tables[process.platform]?.startOf(pid);
}

function processExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCodeOf(error) !== 'ESRCH';
  }
}

async function output(command: string, ...args: string[]): Promise<string> {
  // A fixed language and time zone: the text must be the same whoever asks.
  const options = { timeout: commandTimeoutMs, env: { LC_ALL: 'C', TZ: 'UTC' } };
  return (await run(command, args, options)).stdout;
}

function digest(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 10);
}
