import type { Step, ToxicStream } from './toxic/toxic.js';

/**
 * A toxic at work on a range of the bytes of one direction: those before and after pass untouched. It sees every byte once, in
 * order, and may be removed at any time, also while one of its own steps is under way: the rest of the bytes then passes.
 */
export class WorkingToxic {
  readonly #stream: ToxicStream;
  #until: number;
  #position: number;

  /**
   * @param position - Of the next byte.
   * @param from - The first byte that it works on.
   * @param until - The first one that it does not work on any more.
   */
  constructor(
    stream: ToxicStream,
    position: number,
    readonly from = position,
    until = Infinity,
  ) {
    this.#stream = stream;
    this.#position = position;
    this.#until = until;
  }

  get until(): number {
    return this.#until;
  }

  /** Whether there is nothing more for it to do. */
  get isDone(): boolean {
    return this.#position >= this.#until;
  }

  remove(): void {
    this.#until = Math.min(this.#until, Math.max(this.#position, this.from));
  }

  *pass(bytes: Uint8Array, arrivedMs: number): Generator<Step> {
    const end = this.#position + bytes.length;
    let rest = bytes;
    while (rest.length > 0) {
      const border = this.#position < this.from ? this.from : this.isDone ? end : this.#until;
      const part = rest.subarray(0, border - this.#position);
      yield* this.#isWorking ? this.#work(part, arrivedMs) : this.#forward(part);
      rest = bytes.subarray(bytes.length - (end - this.#position));
    }
  }

  *end(arrivedMs: number): Generator<Step> {
    if (!this.#isWorking) return;
    for (const step of this.#stream.end?.(this.#position, arrivedMs) ?? []) {
      yield step;
      if (this.isDone) return;
    }
  }

  get #isWorking(): boolean {
    return this.#position >= this.from && !this.isDone;
  }

  *#work(part: Uint8Array, arrivedMs: number): Generator<Step> {
    for (const step of this.#stream.pass(part, this.#position, arrivedMs)) {
      if (step.do === 'forward') yield* this.#forward(step.bytes);
      else yield step;
      if (this.isDone) return;
    }
  }

  *#forward(bytes: Uint8Array): Generator<Step> {
    this.#position += bytes.length;
    yield { do: 'forward', bytes };
  }
}
