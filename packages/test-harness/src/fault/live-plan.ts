import type { Connection } from './connection.js';
import { type AtWork, isChosen, type NumberedToxic, type Plan, putToWork } from './plan.js';
import type { ToxicOptions } from './toxic/kinds.js';

/** The toxics of a link as they are added and removed. */
export class LivePlan implements Plan {
  readonly #toxics = new Set<NumberedToxic>();
  readonly #atWork = new Set<AtWork>();
  #added = 0;

  constructor(
    readonly seed: number,
    script: readonly ToxicOptions[],
  ) {
    for (const options of script) this.#number(options);
  }

  refuses(connection: number): boolean {
    return [...this.#toxics].some(
      (toxic) => toxic.options.type === 'down' && isChosen(toxic, connection, this.seed),
    );
  }

  begin(connection: Connection): readonly AtWork[] {
    return [...this.#toxics].flatMap((toxic) => this.#begin(toxic, connection));
  }

  /** @param open - The connections that it works on from now on, if it is meant for them. */
  add(options: ToxicOptions, open: Iterable<Connection>): { toxic: NumberedToxic; begun: readonly AtWork[] } {
    const toxic = this.#number(options);
    return { toxic, begun: [...open].flatMap((connection) => this.#begin(toxic, connection)) };
  }

  remove(toxic: NumberedToxic): void {
    this.#toxics.delete(toxic);
    for (const work of this.#atWork) {
      if (work.toxic !== toxic) continue;
      this.#atWork.delete(work);
      work.remove();
    }
  }

  clear(): void {
    for (const toxic of [...this.#toxics]) this.remove(toxic);
  }

  /** The connection is closed: there is nothing to remove any more. */
  forget(connection: number): void {
    for (const work of this.#atWork) if (work.connection === connection) this.#atWork.delete(work);
  }

  #number(options: ToxicOptions): NumberedToxic {
    this.#added++;
    const toxic = { number: this.#added, options };
    this.#toxics.add(toxic);
    return toxic;
  }

  #begin(toxic: NumberedToxic, connection: Connection): AtWork[] {
    if (!isChosen(toxic, connection.number, this.seed)) return [];
    const work = putToWork(toxic, connection, this.seed);
    this.#atWork.add(work);
    return [work];
  }
}
