import type { Clock } from '../clock.js';
import { identify, isAlive, type ProcessIdentity, signalIfSame } from './process-identity.js';
import { processTree } from './process-tree.js';

/** A process stops, or ends, as soon as it leaves the kernel. One that waits for a disk may take its time. */
const withinMs = 5_000;
const pollMs = 2;

/**
 * Stops processes and all that descend from them by SIGSTOP, and resolves once each of them has stopped.
 *
 * @param onFound - Told of each process before it is stopped.
 * @throws Error for one that has not stopped in 5 s; the others stay stopped.
 */
export async function freezeTree(
  roots: readonly number[],
  clock: Clock,
  onFound: (identity: ProcessIdentity) => void,
): Promise<void> {
  const told = new Set<number>();
  const deadline = clock.nowMs() + withinMs;
  for (;;) {
    // A parent that has not stopped yet may have made another child, so they are looked for until all are found stopped.
    const rest = processTree(roots).filter(({ isStopped }) => !isStopped);
    if (rest.length === 0) return;
    // A child is left alone until its parent has stopped: one that the parent waits for in vfork would never let it.
    const running = new Set(rest.map(({ pid }) => pid));
    for (const { pid } of rest.filter(({ parent }) => !running.has(parent))) {
      const identity = identify(pid);
      if (identity === undefined) continue;
      if (!told.has(pid)) onFound(identity);
      told.add(pid);
      signalIfSame(identity, 'SIGSTOP');
    }
    if (clock.nowMs() > deadline) throw notYet(rest, 'stopped');
    await clock.sleep(pollMs);
  }
}

/** Lets processes go on that `freezeTree` has stopped, children before their parents. */
export function thawTree(roots: readonly number[]): void {
  for (const { pid } of processTree(roots).toReversed()) send(pid, 'SIGCONT');
}

/**
 * Ends processes and all that descend from them by SIGKILL, stopped or not, and resolves once they are gone.
 *
 * @throws Error for one that is still there after 5 s.
 */
export async function killTree(roots: readonly number[], clock: Clock): Promise<void> {
  // Stopped first: a parent that sees its child killed may start another, or say goodbye to its clients.
  await freezeTree(roots, clock, () => undefined);
  const found = processTree(roots).flatMap(({ pid }) => identify(pid) ?? []);
  for (const identity of found) signalIfSame(identity, 'SIGKILL');
  const deadline = clock.nowMs() + withinMs;
  for (;;) {
    const rest = found.filter(isAlive);
    if (rest.length === 0) return;
    if (clock.nowMs() > deadline) throw notYet(rest, 'ended');
    await clock.sleep(pollMs);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in between.
  }
}

function notYet(rest: readonly { readonly pid: number }[], what: string): Error {
  const pids = rest.map(({ pid }) => pid).join(', ');
  return new Error(`processes have not ${what} within ${String(withinMs / 1000)} s: ${pids}`);
}
