/** One version of a row. Each has a `rev` of its own, and only one writer changes a row. */
export interface Version {
  readonly id: number;
  readonly rev: number;
}

/** A version as it was written. */
export interface Change extends Version {
  /** It has a stamp of its own. Without one only the versions of the row tell that it is new. */
  readonly isStamped: boolean;
}

export interface Verdict {
  /** Rows of which neither the last version that had to be given was, nor a later one. */
  readonly lost: number;
  /** Versions that were given more than once. */
  readonly repeated: number;
  /** Versions that were given and never committed. */
  readonly strange: number;
}

/** What was committed, version after version. */
export class Written {
  readonly #last = new Map<number, number>();
  readonly #lastStamped = new Map<number, number>();
  readonly #revs = new Set<number>();

  /** @param changes - Of one transaction, in the order in which it wrote them. */
  commit(changes: readonly Change[]): void {
    for (const { id, rev, isStamped } of changes) {
      this.#last.set(id, rev);
      if (isStamped) this.#lastStamped.set(id, rev);
      this.#revs.add(rev);
    }
  }

  get rows(): number {
    return this.#last.size;
  }

  /** @param withUnstamped - Changes without a stamp had to be given too. */
  judge(given: readonly Version[], withUnstamped: boolean): Verdict {
    const counts = new Map<number, number>();
    const newest = new Map<number, number>();
    for (const { id, rev } of given) {
      counts.set(rev, (counts.get(rev) ?? 0) + 1);
      newest.set(id, Math.max(rev, newest.get(id) ?? rev));
    }
    const wanted = withUnstamped ? this.#last : this.#lastStamped;
    return {
      lost: [...wanted].filter(([id, rev]) => (newest.get(id) ?? -1) < rev).length,
      repeated: [...counts.values()].reduce((sum, count) => sum + count - 1, 0),
      strange: [...counts.keys()].filter((rev) => !this.#revs.has(rev)).length,
    };
  }
}
