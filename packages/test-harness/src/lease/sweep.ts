import { within } from '../deadline.js';
import { errorCodeOf } from '../harness-error.js';
import { type Owner, ownerOf } from './owner.js';
import { hasEnded } from './process-identity.js';

/** Where the names of leases are to be found, and how one is removed by its name. */
export interface Sweepable {
  /** Finds names of leases; other names among them do no harm. */
  readonly names: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Removes one lease and all in it. Succeeds if it is gone: other processes sweep at the same time. */
  readonly remove: (name: string, signal: AbortSignal) => Promise<void>;
}

/** The longest that a sweep may hold up the lease that began it. What is left then is left to the next one. */
const sweepTimeoutMs = 2_000;

/**
 * Removes what owners left behind that have provably ended, on this host and in this boot. Whatever carries no owner
 * or one of another host is not touched. A failure becomes a process warning, since the lease itself can still be had.
 */
export async function sweep(service: string, here: Owner, { names, remove }: Sweepable): Promise<void> {
  const limit = { what: `sweeping ${service}`, ms: sweepTimeoutMs };
  try {
    await within(limit, async (signal) => {
      const failures: unknown[] = [];
      for (const name of await endedOnes(await names(signal), here)) {
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

async function endedOnes(names: readonly string[], here: Owner): Promise<string[]> {
  const ended: string[] = [];
  for (const name of names) {
    const owner = ownerOf(name);
    if (owner !== undefined && (await hasEnded(owner, here))) ended.push(name);
  }
  // Each process begins somewhere else, so that workers which start together share the work instead of queueing for
  // the same lease.
  const start = ended.length === 0 ? 0 : here.pid % ended.length;
  return [...ended.slice(start), ...ended.slice(0, start)];
}
