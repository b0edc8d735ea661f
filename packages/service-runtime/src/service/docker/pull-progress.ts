/**
 * What `docker pull` prints, line by line, summed up: a line such as `3 of 8 layers` each time one more has come.
 * The size of a layer is not known: without a terminal, the command line does not say it.
 */
export class PullProgress {
  readonly #layers = new Map<string, boolean>();
  #said = '';

  /** @returns what is new to say, or `undefined`. */
  read(line: string): string | undefined {
    const [, layer, state] = /^([0-9a-f]{12}): (.+)$/.exec(line) ?? [];
    if (layer === undefined || state === undefined) return undefined;
    this.#layers.set(
      layer,
      this.#layers.get(layer) === true || /^(Pull complete|Already exists)/.test(state),
    );
    const done = [...this.#layers.values()].filter(Boolean).length;
    const text = `${String(done)} of ${String(this.#layers.size)} layers`;
    if (done === 0 || text === this.#said) return undefined;
    this.#said = text;
    return text;
  }
}
