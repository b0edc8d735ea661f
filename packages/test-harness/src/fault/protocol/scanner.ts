import { Feed } from './feed.js';
import { type Grammar, type Piece, Unreadable } from './piece.js';

/** Splits the bytes of one direction into messages, however they are chunked. It never throws. */
export class Scanner<Message> {
  readonly #feed = new Feed();
  readonly #grammar: Grammar<Message>;
  #isOver = false;

  constructor(grammar: (feed: Feed) => Grammar<Message>) {
    this.#grammar = grammar(this.#feed);
  }

  /** Whether nothing is told apart any more: it was unreadable, or `release` was called. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Bytes that are held back. */
  get held(): number {
    return this.#feed.held;
  }

  *push(bytes: Uint8Array): Generator<Piece<Message>, void> {
    this.#feed.supply(bytes);
    yield* this.#read();
    if (this.#isOver && this.held > 0) yield { is: 'body', bytes: this.#feed.rest() };
  }

  /** The sender has ended. */
  *end(): Generator<Piece<Message>, void> {
    this.#feed.end();
    yield* this.#read();
    if (this.held > 0) yield { is: 'body', bytes: this.#feed.rest() };
  }

  /** From the next bytes on everything is passed as it is, what is held back before them. */
  release(): void {
    this.#isOver = true;
  }

  *#read(): Generator<Piece<Message>, void> {
    while (!this.#isOver) {
      let piece: Piece<Message> | undefined;
      try {
        piece = this.#grammar.next().value;
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        this.#isOver = true;
        piece = { is: 'unreadable', why: error, bytes: this.#feed.rest() };
      }
      if (piece === undefined) return;
      yield piece;
    }
  }
}
