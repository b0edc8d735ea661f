import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Clock } from '@sqlflow/service-runtime';
import { ProcessTree } from './process-tree.js';

export interface ProgramOptions {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onOutput: (text: string) => void;
  /** Aborts: the program and all that it has started are told to end, and killed if they do not. */
  readonly end: AbortSignal;
  /** Aborts: they are killed at once. */
  readonly kill: AbortSignal;
}

/** Nx, Jest and its workers end within some tens of milliseconds of the signal; a busy machine takes longer. */
const endWithinMs = 3_000;
const pollMs = 20;

/**
 * Runs a program in a session of its own: the terminal's Ctrl-C reaches us alone, and when we end it, nothing is left
 * that it has started, whatever that does with a signal.
 *
 * @returns the exit code
 */
export async function runProgram(options: ProgramOptions, clock: Clock): Promise<number> {
  const [file = '', ...args] = options.command;
  const child = spawn(file, args, {
    cwd: options.folder,
    env: { ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', options.onOutput);
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  // Its output may be held open by what it has left behind, which is not waited for.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { pid } = child;
  if (pid === undefined) return exited; // it could not be started, and says why
  // Made now: later, another process may have the pid.
  const tree = new ProcessTree(pid);
  tree.look();
  let ending: Promise<void> | undefined;
  const end = (): void => {
    ending = endTree(tree, options.kill, clock);
  };
  if (options.end.aborted) end();
  options.end.addEventListener('abort', end, { once: true });
  const exitCode = await exited.finally(() => {
    options.end.removeEventListener('abort', end);
  });
  await ending;
  const waiting = new AbortController();
  await Promise.race([closed, clock.sleep(endWithinMs, waiting.signal).catch(() => undefined)]);
  waiting.abort(); // a timer that goes on would keep our process for as long
  return exitCode;
}

async function endTree(tree: ProcessTree, kill: AbortSignal, clock: Clock): Promise<void> {
  tree.look();
  if (!kill.aborted) tree.signal('SIGTERM');
  const deadline = clock.nowMs() + endWithinMs;
  while (tree.isAlive && !kill.aborted && clock.nowMs() < deadline) {
    await clock.sleep(pollMs, kill).catch(() => undefined);
  }
  tree.look(); // what was started meanwhile
  tree.signal('SIGKILL');
  const patience = clock.nowMs() + endWithinMs;
  while (tree.isAlive && clock.nowMs() < patience) await clock.sleep(pollMs);
}
