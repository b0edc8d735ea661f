import { type Piece, Unreadable } from './piece.js';

const lineFeed = 0x0a;
const nothing = new Uint8Array(0);

/**
 * The bytes of one direction, as a grammar reads them. What it takes is held back until it is made a piece, so a grammar
 * takes little and passes the rest.
 */
export class Feed {
  #bytes: Uint8Array = nothing;
  /** The first byte that is in no piece yet. */
  #start = 0;
  /** The first byte that was not taken. */
  #next = 0;
  #hasEnded = false;

  /** Bytes that are held back. */
  get held(): number {
    return this.#bytes.length - this.#start;
  }

  supply(bytes: Uint8Array): void {
    this.#bytes = this.held === 0 ? bytes : Buffer.concat([this.#bytes.subarray(this.#start), bytes]);
    this.#next -= this.#start;
    this.#start = 0;
  }

  /** There are no more bytes to come. */
  end(): void {
    this.#hasEnded = true;
  }

  *take(count: number): Generator<undefined, Buffer> {
    while (this.#bytes.length - this.#next < count) yield;
    return this.#taken(this.#next + count);
  }

  /** Takes a line, its end included. @throws Unreadable if it is longer than `limit` bytes. */
  *line(limit: number): Generator<undefined, Buffer> {
    for (let from = this.#next; ;) {
      const end = this.#bytes.indexOf(lineFeed, from) + 1;
      if (end > 0 ? end - this.#next > limit : this.#bytes.length - this.#next > limit) {
        throw new Unreadable(`a line is longer than ${limit} bytes`);
      }
      if (end > 0) return this.#taken(end);
      const read = this.#bytes.length - this.#next;
      yield;
      from = this.#next + read;
    }
  }

  /** Passes on `count` bytes, or with `Infinity` all to the end. Nothing may be held back. */
  *pass(count: number): Generator<Piece<never> | undefined, void> {
    for (let left = count; left > 0;) {
      const there = Math.min(left, this.#bytes.length - this.#next);
      if (there === 0) {
        if (left === Infinity && this.#hasEnded) return;
        yield;
        continue;
      }
      this.#next += there;
      left -= there;
      yield this.body();
    }
  }

  /** What was taken is the head of `message`. */
  head<Message>(message: Message): Piece<Message> {
    return { is: 'head', message, bytes: this.#give(this.#next) };
  }

  /** What was taken is more of the message. */
  body(): Piece<never> {
    return { is: 'body', bytes: this.#give(this.#next) };
  }

  /** All that is held back. */
  rest(): Uint8Array {
    return this.#give(this.#bytes.length);
  }

  #taken(end: number): Buffer {
    const { buffer, byteOffset } = this.#bytes;
    const taken = Buffer.from(buffer, byteOffset + this.#next, end - this.#next);
    this.#next = end;
    return taken;
  }

  #give(end: number): Uint8Array {
    const given = this.#bytes.subarray(this.#start, end);
    this.#start = this.#next = end;
    return given;
  }
}
