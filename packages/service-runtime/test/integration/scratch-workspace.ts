import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import {
  type Host,
  identify,
  runtimeFolders,
  servicesStatus,
  stopServices,
  thisHost,
  type RuntimeFolders,
} from '../../src/index.js';
import { systemClock } from '../../src/clock.js';

/** A workspace of a test's own, with a supervisor of its own. Ended and removed at the end. */
export interface ScratchWorkspace extends AsyncDisposable {
  readonly root: string;
  readonly folders: RuntimeFolders;
  /** This machine, with the temporary folder that all who use the workspace must have. */
  readonly host: Host;
  /** What is left of it: processes, its control and data folders. Sorted, in words. */
  remains(): string[];
  /** Resolves when nothing is left, or rejects with what is after `withinMs`. */
  untilNothingRemains(withinMs?: number): Promise<void>;
}

/** @param apart - Has a temporary folder of its own, so that the supervisors of other workspaces do not sweep it. */
export function scratchWorkspace({ apart = false } = {}): ScratchWorkspace {
  const root = scratchFolder('sqlflow-scratch-');
  chmodSync(root, 0o755); // the servers' account must get through, where a test puts programs or data here
  writeFileSync(join(root, 'package.json'), '{ "name": "scratch", "workspaces": [] }');
  const host = apart ? { ...thisHost(), temporaryFolder: join(root, 'tmp') } : thisHost();
  mkdirSync(join(root, 'tmp'));
  const folders = runtimeFolders(root, host);
  const remains = (): string[] => [
    ...processesOf(folders),
    ...[folders.control, folders.data].filter(existsSync).map((folder) => `folder ${folder}`),
  ];
  return {
    root,
    folders,
    host,
    remains,
    untilNothingRemains: (withinMs = 5_000) =>
      until(
        () => remains().length === 0,
        withinMs,
        () => `still there: ${remains().join('; ')}`,
        scanEveryMs,
      ),
    [Symbol.asyncDispose]: async () => {
      endHolders(root);
      await stopServices({ workspaceRoot: root, force: true }, host).catch(() => undefined);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Makes a folder, and removes those that killed test runs left. The name tells whose it is. */
function scratchFolder(prefix: string): string {
  for (const name of readdirSync(tmpdir()).filter((found) => found.startsWith(prefix))) {
    const owner = Number(name.slice(prefix.length).split('-')[0]);
    if (identify(owner) === undefined) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return realpathSync(mkdtempSync(join(tmpdir(), `${prefix}${String(process.pid)}-`)));
}

/** Every process that is of this workspace: by its arguments, or by the folder that it stands in. */
export function processesOf(folders: RuntimeFolders): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const where = readlinkSync(`/proc/${pid}/cwd`);
      const isOurs =
        [command, where].some((text) => text.includes(folders.data)) || isSupervisorOf(command, folders);
      return isOurs && command !== '' ? [`process ${pid} ${command}`] : [];
    } catch {
      return []; // it has just ended
    }
  });
}

function isSupervisorOf(command: string, folders: RuntimeFolders): boolean {
  return /supervisor\/main\.[jt]s/.test(command) && command.endsWith(folders.workspace);
}

/** To look through all processes takes 1 to 3 ms of processor time: more often, and five who wait keep a core busy. */
export const scanEveryMs = 50;

export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  otherwise: () => string,
  everyMs = 5,
): Promise<void> {
  const deadline = systemClock.nowMs() + withinMs;
  while (!(await condition())) {
    if (systemClock.nowMs() > deadline) throw new Error(otherwise());
    await systemClock.sleep(everyMs);
  }
}

export async function supervisorPid(root: string): Promise<number> {
  const status = await servicesStatus({ workspaceRoot: root });
  if (status === undefined) throw new Error('no supervisor runs');
  return status.pid;
}

/** A process of its own that leases services, says so, and holds them until it is ended. */
export interface LeaseHolder {
  readonly process: ChildProcess;
  /** One line for each thing it did: `leased <json>`, `failed <json>`; `private <json>` of hold-private.ts. */
  next(): Promise<string>;
  /** Asks it to give the lease back and end. */
  finish(): Promise<void>;
  readonly exited: Promise<void>;
}

/** Those of each workspace. One that a failed test has left would keep Jest from ending, and its supervisor with it. */
const holders = new Map<string, ChildProcess[]>();

function endHolders(root: string): void {
  for (const holder of holders.get(root) ?? []) holder.kill('SIGKILL');
  holders.delete(root);
}

const loader = new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href;

export function startHolder(
  root: string,
  services: readonly string[],
  {
    environment = {},
    uid,
    script = 'hold-lease.ts',
  }: { environment?: Record<string, string>; uid?: number; script?: string } = {},
): LeaseHolder {
  const program = fileURLToPath(new URL(`./child/${script}`, import.meta.url));
  const child = spawn(process.execPath, ['--import', loader, program, root, services.join(',')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...plainEnvironment(), ...environment },
    ...(uid !== undefined && { uid, gid: uid }),
  });
  holders.set(root, [...(holders.get(root) ?? []), child]);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  return {
    process: child,
    next: async () => {
      const line = await lines.next();
      if (line.done === true) throw new Error('the holder ended without a word');
      return line.value;
    },
    finish: async () => {
      child.stdin.end();
      await exited;
    },
    exited,
  };
}

/** Ours, without what this test run itself was told of services. */
export function plainEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(TEST_|SERVICES_|NODE_OPTIONS$|CI$)/.test(name),
  );
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']));
}
