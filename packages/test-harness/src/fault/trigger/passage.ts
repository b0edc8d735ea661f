import type { Instruction } from '../inspector.js';
import { type Piece, Unreadable } from '../protocol/piece.js';
import type { Scanner } from '../protocol/scanner.js';

/** What becomes of one message. */
export interface Verdict {
  /** Done where the message begins. A `reset`, `close` or `stall` in it is the end of the direction. */
  readonly before?: readonly Instruction[];
  /** How much of it passes; `bodyBytes` counts behind the head. `all` if not said. */
  readonly passes?: 'all' | 'none' | { readonly bodyBytes: number } | { readonly allButLast: number };
  /** Asked for when the message has ended, or as soon as it is longer than its `bodyBytes`. */
  readonly after?: () => readonly Instruction[];
  /** Told when `before` is done if there is any, else when `after` is. With the bytes of the direction up to there. */
  readonly onDone?: (byte: number) => void;
  /** Told if the body was not longer than `bodyBytes`, so that nothing was done. */
  readonly onMissed?: () => void;
}

const pass: Verdict = {};
const none = new Uint8Array(0);

/** One direction of a connection: hands its messages to `judge` and carries the verdicts out. */
export class Passage<Message> {
  #verdict: Verdict = pass;
  /** Bytes of the direction that were judged. */
  #byte = 0;
  /** Of the message, behind its head. */
  #bodyBytes = 0;
  /** What of a message with `allButLast` may be the last. */
  #tail: Uint8Array = none;
  #isCut = false;

  constructor(
    private readonly scanner: Scanner<Message>,
    private readonly judge: (message: Message) => Verdict | Unreadable | undefined,
    private readonly onUnreadable: (why: Unreadable) => void,
  ) {}

  /** Whether every byte from now on passes as it comes. */
  get isOpen(): boolean {
    return this.scanner.isOver && this.scanner.held === 0 && this.#tail.length === 0 && !this.#isCut;
  }

  push(bytes: Uint8Array): Instruction[] {
    return this.#carryOut(this.scanner.push(bytes));
  }

  end(): Instruction[] {
    const out = this.#carryOut(this.scanner.end());
    // The message was not whole: its end, before which something was to be done, has not come.
    return this.#isCut ? out : [...out, ...this.#takeTail()];
  }

  /** Lets everything pass from the next bytes on. */
  release(): void {
    this.scanner.release();
    this.#verdict = pass;
  }

  #carryOut(pieces: Iterable<Piece<Message>>): Instruction[] {
    if (this.#isCut) return [];
    const out: Instruction[] = this.scanner.isOver ? this.#takeTail() : [];
    for (const piece of pieces) {
      for (const instruction of this.#see(piece)) {
        add(out, instruction);
        this.#isCut ||= isCut(instruction);
      }
      if (this.#isCut) break;
    }
    return out;
  }

  *#see(piece: Piece<Message>): Iterable<Instruction> {
    switch (piece.is) {
      case 'head': {
        const verdict = this.judge(piece.message) ?? pass;
        if (verdict instanceof Unreadable) {
          this.onUnreadable(verdict);
          yield* this.#pass(piece.bytes, true);
          return;
        }
        this.#verdict = verdict;
        this.#bodyBytes = 0;
        yield* verdict.before ?? [];
        if (verdict.before !== undefined) verdict.onDone?.(this.#byte);
        yield* this.#pass(piece.bytes, true);
        return;
      }
      case 'body':
        yield* this.#pass(piece.bytes, false);
        return;
      case 'end':
        yield* this.#end();
        return;
      case 'unreadable':
        this.onUnreadable(piece.why);
        this.#verdict = pass;
        yield* this.#takeTail();
        yield { do: 'forward', bytes: piece.bytes };
    }
  }

  *#pass(bytes: Uint8Array, isHead: boolean): Iterable<Instruction> {
    const { passes = 'all' } = this.#verdict;
    this.#byte += bytes.length;
    if (passes === 'all') {
      yield { do: 'forward', bytes };
    } else if (passes === 'none') {
      return;
    } else if ('allButLast' in passes) {
      const joined = Buffer.concat([this.#tail, bytes]);
      const end = Math.max(0, joined.length - passes.allButLast);
      yield { do: 'forward', bytes: joined.subarray(0, end) };
      this.#tail = joined.subarray(end);
    } else {
      const room = isHead ? bytes.length : passes.bodyBytes - this.#bodyBytes;
      if (!isHead) this.#bodyBytes += bytes.length;
      yield { do: 'forward', bytes: bytes.subarray(0, room) };
      if (bytes.length <= room) return;
      this.#verdict.onDone?.(this.#byte - bytes.length + room);
      yield* this.#verdict.after?.() ?? [];
    }
  }

  *#end(): Iterable<Instruction> {
    const { before, passes, after, onDone, onMissed } = this.#verdict;
    this.#verdict = pass;
    if (typeof passes === 'object' && 'bodyBytes' in passes) {
      onMissed?.();
      return;
    }
    const held = this.#tail.length;
    this.#tail = none;
    if (before === undefined) onDone?.(this.#byte - held);
    yield* after?.() ?? [];
  }

  #takeTail(): { readonly do: 'forward'; readonly bytes: Uint8Array }[] {
    const bytes = this.#tail;
    this.#tail = none;
    return bytes.length === 0 ? [] : [{ do: 'forward', bytes }];
  }
}

function isCut(instruction: Instruction): boolean {
  return instruction.do === 'stall' || instruction.do === 'close' || instruction.do === 'reset';
}

/** Bytes that lie side by side are forwarded at once. */
function add(out: Instruction[], instruction: Instruction): void {
  const last = out.at(-1);
  if (instruction.do !== 'forward') {
    out.push(instruction);
    return;
  }
  const { bytes } = instruction;
  if (bytes.length === 0) return;
  if (last?.do === 'forward' && last.bytes.buffer === bytes.buffer) {
    const { byteOffset, length } = last.bytes;
    if (byteOffset + length === bytes.byteOffset) {
      out[out.length - 1] = {
        do: 'forward',
        bytes: new Uint8Array(bytes.buffer, byteOffset, length + bytes.length),
      };
      return;
    }
  }
  out.push(instruction);
}
