/** One version of a row. Each has a `rev` of its own, and only one writer changes a row. */
export interface Version {
  readonly id: number;
  readonly rev: number;
}

export interface Verdict {
  /** Rows whose last version was never given. */
  readonly lost: number;
  /** Versions that were given more than once. */
  readonly repeated: number;
  /** Versions that were given and never committed. */
  readonly strange: number;
}

/** What was committed, version after version. */
export class Written {
  readonly #last = new Map<number, number>();
  readonly #revs = new Set<number>();

  /** @param versions - Of one transaction, in the order in which it wrote them. */
  commit(versions: readonly Version[]): void {
    for (const { id, rev } of versions) {
      this.#last.set(id, rev);
      this.#revs.add(rev);
    }
  }

  get rows(): number {
    return this.#last.size;
  }

  judge(given: readonly Version[]): Verdict {
    const counts = new Map<number, number>();
    for (const { rev } of given) counts.set(rev, (counts.get(rev) ?? 0) + 1);
    return {
      lost: [...this.#last.values()].filter((rev) => !counts.has(rev)).length,
      repeated: [...counts.values()].reduce((sum, count) => sum + count - 1, 0),
      strange: [...counts.keys()].filter((rev) => !this.#revs.has(rev)).length,
    };
  }
}
