/** What a list links. A node is in one list at a time. */
export interface Linked<N> {
  before: N | undefined;
  after: N | undefined;
  isLinked: boolean;
}

/** In order of arrival. To append, to take the first and to remove from the middle each take the same few steps. */
export class LinkedList<N extends Linked<N>> {
  #first: N | undefined;
  #last: N | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get first(): N | undefined {
    return this.#first;
  }

  append(node: N): void {
    node.before = this.#last;
    node.after = undefined; // it may have been in the list before
    node.isLinked = true;
    if (this.#last === undefined) this.#first = node;
    else this.#last.after = node;
    this.#last = node;
    this.#length++;
  }

  /** @returns whether it was there; removing what is not is no error. */
  remove(node: N): boolean {
    if (!node.isLinked) return false;
    node.isLinked = false;
    const { before, after } = node;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    this.#length--;
    return true;
  }

  /** From the first to the last. What is visited may be removed meanwhile. */
  *[Symbol.iterator](): Generator<N, void, undefined> {
    for (let node = this.#first; node !== undefined; node = node.after) yield node;
  }
}
