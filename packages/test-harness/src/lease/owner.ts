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

/**
 * The name of a new lease. It carries its owner, so there is no moment at which a thing exists and its owner is not
 * recorded: creation and record are one. At most 50 bytes of `[a-z0-9]` and the separator.
 */
export function newLeaseName(owner: Owner, separator: Separator, isKept = false): string {
  return [isKept ? keptWord : 'test', owner.place, owner.pid.toString(36), owner.startedAt, nonce()].join(
    separator,
  );
}

/** What the name of a lease begins with that is to outlive its test: no sweep takes it for a leftover. */
const keptWord = 'kept';

export function isKeptName(name: string): boolean {
  return name.startsWith(keptWord) && ownerOf(`test${name.slice(keptWord.length)}`) !== undefined;
}

/** What all names of one place begin with. */
export function leasePrefix(place: string, separator: Separator): string {
  return `test${separator}${place}${separator}`;
}

/** Reads the owner back. `undefined` for a name that {@link newLeaseName} did not make. */
export function ownerOf(name: string): Owner | undefined {
  const match = /^test([_:-])([0-9a-z]{10})\1([0-9a-z]{1,6})\1([0-9a-z]{1,12})\1[0-9a-z]{10}$/.exec(name);
  const [, , place, pid, startedAt] = match ?? [];
  if (place === undefined || pid === undefined || startedAt === undefined) return undefined;
  return { place, pid: Number.parseInt(pid, 36), startedAt };
}

function nonce(): string {
  // Random and not counted: every test file that Jest runs in a process has module state of its own.
  return randomBytes(5).toString('hex');
}
