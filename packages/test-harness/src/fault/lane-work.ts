import type { Direction, Inspector, Instruction } from './inspector.js';
import type { Step } from './toxic/toxic.js';
import type { WorkingToxic } from './working-toxic.js';

/** What comes to a lane, in order. */
export type Arrival =
  | { readonly what: 'bytes'; readonly bytes: Uint8Array; readonly isAnswer: boolean; readonly atMs: number }
  | { readonly what: 'end'; readonly atMs: number }
  | { readonly what: 'reset' }
  | { readonly what: 'mark'; readonly passed: () => void };

/** A step, and the toxic that it is taken for. */
export type Work =
  | { readonly step: Step; readonly by?: WorkingToxic; readonly isTrigger?: boolean }
  | { readonly answer: Uint8Array }
  | { readonly passed: () => void }
  | { readonly last: 'end' | 'reset' };

/** Says what is to be done about what comes: first the inspector is asked, then each toxic is given what the one before forwards. */
export class LaneWork {
  readonly #direction: Direction;
  /** Those that are added come behind, and work on whatever has not left the lane. */
  #toxics: WorkingToxic[] = [];
  #inspector: Inspector | undefined;

  constructor(direction: Direction, inspector: Inspector | undefined) {
    this.#direction = direction;
    this.#inspector = inspector;
  }

  /** Whether bytes are simply forwarded. */
  get isPlain(): boolean {
    return this.#toxics.length === 0 && this.#inspector === undefined;
  }

  add(toxic: WorkingToxic): void {
    this.#toxics.push(toxic);
  }

  /** To be taken to its end before the next one is begun. */
  *on(arrival: Arrival): Generator<Work> {
    this.#leaveOutWhoIsDone();
    switch (arrival.what) {
      case 'bytes': {
        const { bytes, isAnswer, atMs } = arrival;
        const inspector = isAnswer ? undefined : this.#inspector;
        if (inspector === undefined) yield* this.#through(0, bytes, atMs);
        else yield* this.#follow(inspector.inspect(this.#direction, bytes), atMs);
        break;
      }
      case 'end':
        yield* this.#follow(this.#inspector?.end?.(this.#direction) ?? [], arrival.atMs);
        for (const by of this.#toxics) for (const step of by.end(arrival.atMs)) yield { step, by };
        yield { last: 'end' };
        break;
      case 'reset':
        yield { last: 'reset' };
        break;
      case 'mark':
        yield { passed: arrival.passed };
    }
  }

  *#follow(instructions: Iterable<Instruction>, arrivedMs: number): Generator<Work> {
    for (const instruction of instructions) {
      if (instruction.do === 'forward') yield* this.#through(0, instruction.bytes, arrivedMs);
      else if (instruction.do === 'answer') yield { answer: instruction.bytes };
      else yield { step: instruction, isTrigger: true };
    }
  }

  *#through(index: number, bytes: Uint8Array, arrivedMs: number): Generator<Work> {
    const by = this.#toxics[index];
    if (by === undefined) {
      yield { step: { do: 'forward', bytes } };
      return;
    }
    for (const step of by.pass(bytes, arrivedMs)) {
      if (step.do === 'forward') yield* this.#through(index + 1, step.bytes, arrivedMs);
      else yield { step, by };
    }
  }

  /** The other direction may have told the inspector so. */
  #leaveOutWhoIsDone(): void {
    if (this.#inspector?.isDone === true) this.#inspector = undefined;
    if (this.#toxics.some(({ isDone }) => isDone))
      this.#toxics = this.#toxics.filter(({ isDone }) => !isDone);
  }
}
