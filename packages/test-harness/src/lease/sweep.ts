import { within } from '../deadline.js';
import { errorCodeOf } from '../harness-error.js';
import { isLeftover, type Judge } from './leftover.js';

/** Where the names of leases are to be found, and how one is removed by its name. */
export interface Sweepable {
  /** Finds names of leases; other names among them do no harm. */
  readonly names: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Whether one was left behind. @defaultValue as its name says, by {@link isLeftover} */
  readonly isLeftover?: typeof isLeftover;
  /** Removes one lease and all in it. Succeeds if it is gone: other processes sweep at the same time. */
  readonly remove: (name: string, signal: AbortSignal) => Promise<void>;
}

/** The longest that a sweep may hold up the lease that began it. What is left then is left to the next one. */
const sweepTimeoutMs = 2_000;

/**
 * Removes what was left behind, as {@link isLeftover} judges. A failure becomes a process warning, since the lease itself
 * can still be had.
 */
export async function sweep(
  service: string,
  judge: Judge,
  { names, remove, isLeftover: isLeft = isLeftover }: Sweepable,
): Promise<void> {
  const limit = { what: `sweeping ${service}`, ms: sweepTimeoutMs };
  try {
    await within(limit, async (signal) => {
      const failures: unknown[] = [];
      for (const name of await leftovers(await names(signal), judge, isLeft)) {
        signal.throwIfAborted();
        await remove(name, signal).catch((error: unknown) => failures.push(error));
      }
      if (failures.length > 0) throw failures[0];
    });
  } catch (error) {
    // An answer of Ceph's S3 store has a code and no text.
    const text = error instanceof Error && error.message !== '' ? error.message : undefined;
    const reason = text ?? errorCodeOf(error) ?? String(error);
    process.emitWarning(`${service}: not all that ended test runs left could be removed: ${reason}`, {
      code: 'SQLFLOW_SWEEP',
    });
  }
}

async function leftovers(
  names: readonly string[],
  judge: Judge,
  isLeft: typeof isLeftover,
): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    if (await isLeft(name, judge)) found.push(name);
  }
  // Each process begins somewhere else, so that workers which start together share the work instead of queueing for
  // the same lease.
  const start = found.length === 0 ? 0 : judge.here.pid % found.length;
  return [...found.slice(start), ...found.slice(0, start)];
}
