import { sweepAgeMs } from '../endpoints.js';
import { nowMs } from '../events.js';
import { type Owner, readLeaseName } from './owner.js';
import { hasEnded, thisProcess } from './process-identity.js';

/** From where and when leases are judged. */
export interface Judge {
  readonly here: Owner;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** How old a lease of another host, boot or container is before it counts as left behind. */
  readonly maxAgeMs: number;
}

/** @throws HarnessError `invalid-option` if the variable for the age makes no sense. */
export async function judgeHere(): Promise<Judge> {
  return { here: await thisProcess(), nowMs: nowMs(), maxAgeMs: sweepAgeMs() };
}

/**
 * Whether a lease was left behind. One of this host and boot: its process has provably ended, however young or old the
 * lease is. One of elsewhere, whose process cannot be looked for: it is older than the limit. What carries no owner never.
 */
export async function isLeftover(name: string, { here, nowMs: now, maxAgeMs }: Judge): Promise<boolean> {
  const lease = readLeaseName(name);
  if (lease === undefined) return false;
  if (isJudgeable(lease.owner, here)) return await hasEnded(lease.owner, here);
  return now - lease.createdAtMs > maxAgeMs;
}

/** On a platform whose processes we cannot read, our own leases are as those of elsewhere. */
function isJudgeable({ place }: Owner, here: Owner): boolean {
  return place === here.place && here.startedAt !== '0';
}
