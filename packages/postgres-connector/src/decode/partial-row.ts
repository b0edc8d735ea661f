const nothing = new Uint8Array(0);
/** Above this, memory that one wide row needed is given back once it is done with. */
const keptCapacity = 1 << 20;

/** The bytes of a row whose end has not come yet. */
export class PartialRow {
  #store = nothing;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was kept and the chunk behind it, valid until `keep`. With nothing kept, it is the chunk itself. */
  joined(chunk: Uint8Array): Uint8Array {
    if (this.#length === 0) return chunk;
    const length = this.#length + chunk.length;
    this.#makeRoom(length);
    this.#store.set(chunk, this.#length);
    return this.#store.subarray(0, length);
  }

  /** Keeps the bytes from `start` on. */
  keep(bytes: Uint8Array, start: number): void {
    const rest = bytes.subarray(start);
    this.#length = 0;
    if (rest.length > 0 && rest.buffer === this.#store.buffer) {
      // With nothing consumed it lies right; moving a wide row for each of its chunks would take quadratic time.
      if (start > 0) this.#store.copyWithin(0, start, bytes.length);
    } else if (rest.length > 0) {
      this.#makeRoom(rest.length);
      this.#store.set(rest);
    }
    this.#length = rest.length;
    if (this.#store.length > keptCapacity && rest.length < keptCapacity / 2) {
      this.#store = this.#store.slice(0, keptCapacity);
    }
  }

  /** Doubles, so that a row of many chunks is not copied once for each. */
  #makeRoom(length: number): void {
    if (length <= this.#store.length) return;
    const store = new Uint8Array(Math.max(length, 2 * this.#store.length, 4096));
    store.set(this.#store.subarray(0, this.#length));
    this.#store = store;
  }
}
