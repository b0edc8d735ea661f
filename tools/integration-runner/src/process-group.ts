import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Clock } from '@sqlflow/service-runtime';

export interface GroupOptions {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onOutput: (text: string) => void;
  /** Aborts: the group is told to end, and killed if it does not. */
  readonly end: AbortSignal;
  /** Aborts: the group is killed at once. */
  readonly kill: AbortSignal;
}

/** Nx, Jest and its workers end within some tens of milliseconds of the signal; a busy machine takes longer. */
const endWithinMs = 3_000;
const pollMs = 20;

/**
 * Runs a program in a process group of its own, with everything that it starts. The terminal's Ctrl-C reaches us alone,
 * and we see to it that nothing of the group is left, whatever its members do with a signal.
 *
 * @returns the exit code, when no process of the group is left.
 */
export async function runGroup(options: GroupOptions, clock: Clock): Promise<number> {
  const [file = '', ...args] = options.command;
  const child = spawn(file, args, {
    cwd: options.folder,
    env: { ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', options.onOutput);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  const { pid } = child;
  if (pid === undefined) return ended; // it could not be started, and says why
  const onEnd = (): void => signalGroup(pid, 'SIGTERM');
  const onKill = (): void => signalGroup(pid, 'SIGKILL');
  options.end.addEventListener('abort', onEnd);
  options.kill.addEventListener('abort', onKill);
  if (options.end.aborted) onEnd();
  const patience = new AbortController();
  const killer = untilAborted(options.end)
    .then(() => clock.sleep(endWithinMs, patience.signal))
    .then(onKill, () => undefined);
  try {
    const exitCode = await ended;
    // What Nx has started and not waited for.
    if (isAlive(pid)) await endGroup(pid, clock);
    return exitCode;
  } finally {
    patience.abort();
    options.end.removeEventListener('abort', onEnd);
    options.kill.removeEventListener('abort', onKill);
    void killer;
  }
}

async function endGroup(pid: number, clock: Clock): Promise<void> {
  const deadline = clock.nowMs() + endWithinMs;
  signalGroup(pid, 'SIGTERM');
  while (isAlive(pid) && clock.nowMs() < deadline) await clock.sleep(pollMs);
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
