import { randomBytes } from 'node:crypto';

/** The process that took a lease, in words that no other process can share. */
export interface Owner {
  /** One boot of one kernel, and one space of process ids in it. */
  readonly place: string;
  readonly pid: number;
  /** When the process started, in an unspecified unit: two readings are equal or they are not. */
  readonly startedAt: string;
}

/** PostgreSQL allows `_` without quotes, S3 allows only `-`, and Redis keys are conventionally parted by `:`. */
export type Separator = '_' | '-' | ':';

/** What the name of a lease says. */
export interface LeaseName {
  readonly owner: Owner;
  /** By the owner's clock, in whole seconds: milliseconds since 1970. */
  readonly createdAtMs: number;
}

/**
 * The name of a new lease. It carries its owner and its age, so there is no moment at which a thing exists and its owner
 * is not recorded: creation and record are one. At most 58 bytes of `[a-z0-9]` and the separator.
 *
 * @param atMs - Now, in milliseconds since 1970.
 */
export function newLeaseName(owner: Owner, separator: Separator, atMs: number, isKept = false): string {
  return [
    isKept ? keptWord : leaseWord,
    owner.place,
    owner.pid.toString(36),
    owner.startedAt,
    Math.floor(atMs / 1_000).toString(36),
    nonce(),
  ].join(separator);
}

/** What the names of all leases begin with, save those that are kept. */
export const leaseWord = 'test';

/** What the name of a lease begins with that is to outlive its test: no sweep takes it for a leftover. */
const keptWord = 'kept';

export function isKeptName(name: string): boolean {
  return (
    name.startsWith(keptWord) && readLeaseName(`${leaseWord}${name.slice(keptWord.length)}`) !== undefined
  );
}

/** Reads the name back. `undefined` for one that {@link newLeaseName} did not make, and for one that is kept. */
export function readLeaseName(name: string): LeaseName | undefined {
  const match = pattern.exec(name);
  const [, , place, pid, startedAt, created] = match ?? [];
  if (place === undefined || pid === undefined || startedAt === undefined || created === undefined) {
    return undefined;
  }
  return {
    owner: { place, pid: Number.parseInt(pid, 36), startedAt },
    createdAtMs: Number.parseInt(created, 36) * 1_000,
  };
}

/** The owner alone. */
export function ownerOf(name: string): Owner | undefined {
  return readLeaseName(name)?.owner;
}

const pattern =
  /^test([_:-])([0-9a-z]{10})\1([0-9a-z]{1,6})\1([0-9a-z]{1,12})\1([0-9a-z]{1,8})\1[0-9a-z]{10}$/;

function nonce(): string {
  // Random and not counted: every test file that Jest runs in a process has module state of its own.
  return randomBytes(5).toString('hex');
}
