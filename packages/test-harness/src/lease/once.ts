/** Lets through what is asked for the first time. */
export class Once {
  readonly #seen = new Set<string>();

  isFirst(key: string): boolean {
    const isFirst = !this.#seen.has(key);
    this.#seen.add(key);
    return isFirst;
  }
}
