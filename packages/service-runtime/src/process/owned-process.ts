import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Clock } from '../clock.js';
import type { Host } from '../host.js';
import { type Leash, leash } from './leash.js';
import { identify, type ProcessIdentity } from './process-identity.js';

export const endSignals = ['SIGTERM', 'SIGQUIT', 'SIGKILL'] as const;

export type EndSignal = (typeof endSignals)[number];

export interface ServerCommand {
  /** Absolute path of the program. */
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where its output goes, both streams. The file is opened by us, so the server's account need not be able to. */
  readonly logFile: string;
  /** What ends it quickly and cleanly: PostgreSQL's SIGQUIT gives its shared memory back, SIGKILL would not. */
  readonly endSignal: EndSignal;
}

export interface ExitStatus {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server process that ends with the process that started it, however that one ends. */
export interface OwnedProcess {
  /** -1 if it could not be started at all; `exited` has settled then. */
  readonly pid: number;
  /** Settles once the process is gone. Never rejects. */
  readonly exited: Promise<ExitStatus>;
  /** What `exited` settled with, or `undefined` while the process runs. */
  exitStatus(): ExitStatus | undefined;
  /**
   * Sends its end signal, and resolves when it is gone; a process that does not go by it in time is killed.
   * Ending twice is ending once.
   */
  end(): Promise<ExitStatus>;
}

/** PostgreSQL ends by SIGQUIT in 5 ms. One that takes this long is stopped, or stuck in the kernel. */
const endWithinMs = 3_000;

/** Called with the new process before it executes its program, so that nothing ever runs that was not written down. */
export type RecordProcess = (identity: ProcessIdentity, endSignal: EndSignal) => void;

/**
 * Both wait for one line before they become the server: when we die before we have written it down, they read the end
 * of the pipe and exit. Once we have spoken, the first relies on the kernel (PR_SET_PDEATHSIG), the second leaves a
 * shell on the pipe that ends the server when the pipe closes without a farewell.
 */
const startUnderKernel = 'read -r _ || exit 1; exec "$@" </dev/null';
const startUnderWatch =
  'exec 3<&0; read -r _ <&3 || exit 1; (read -r _ <&3 || kill -s "$0" $$) & exec "$@" 3<&- </dev/null';

/**
 * Starts a server.
 *
 * Must be called on the main thread: the kernel ties the child's life to the thread that made it.
 *
 * @throws the error of `spawn`, of opening the log file or of `record`; nothing is left running then.
 */
export function startOwnedProcess(
  command: ServerCommand,
  host: Host,
  clock: Clock,
  record: RecordProcess,
): OwnedProcess {
  const name = command.endSignal.slice('SIG'.length);
  const shell = ['/bin/sh', '-c'];
  const { words, account } = leash(host, name);
  const script = host.setpriv === undefined ? startUnderWatch : startUnderKernel;
  const child = spawnInto(
    command,
    [...words, ...shell, script, name, command.file, ...command.args],
    account,
  );
  const exited = exitOf(child);
  let status: ExitStatus | undefined;
  void exited.then((found) => {
    status = found;
    child.stdin?.end('farewell\n'); // lets a watching shell go without it signalling a pid that is not ours any more
  });
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity !== undefined) {
    try {
      record(identity, command.endSignal);
    } catch (error) {
      child.kill('SIGKILL'); // it waits for our word, and would do so for as long as we live
      throw error;
    }
    child.stdin?.write('go\n');
  }
  return {
    pid: child.pid ?? -1,
    exited,
    exitStatus: () => status,
    end: async () => {
      if (status !== undefined) return status;
      child.kill(command.endSignal);
      const timer = clock.schedule(endWithinMs, () => child.kill('SIGKILL'));
      const found = await exited;
      timer.cancel();
      return found;
    },
  };
}

function spawnInto(
  command: ServerCommand,
  [file = '', ...args]: readonly string[],
  account: Leash['account'],
): ChildProcess {
  const log = openSync(command.logFile, 'a', 0o644);
  try {
    const child = spawn(file, args, {
      cwd: '/', // a folder that every account may stand in
      env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', ...command.environment },
      stdio: ['pipe', log, log],
      ...account,
    });
    child.stdin?.on('error', () => undefined); // it ended before it read the line; `exited` tells
    return child;
  } finally {
    closeSync(log);
  }
}

function exitOf(child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => {
      resolve({ exitCode, signal });
    });
    child.once('error', () => {
      resolve({ exitCode: 127, signal: null });
    });
  });
}
