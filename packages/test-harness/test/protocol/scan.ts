import * as fc from 'fast-check';
import type { Feed } from '../../src/fault/protocol/feed.js';
import type { Grammar } from '../../src/fault/protocol/piece.js';
import { Scanner } from '../../src/fault/protocol/scanner.js';

export interface Scanned<Message> {
  /** With the bytes of the whole message; `undefined` if its end has not come. */
  readonly messages: { message: Message; bytes: string | undefined }[];
  readonly unreadable: string | undefined;
  /** The bytes of all pieces. */
  readonly passed: Buffer;
}

/** Reads `chunks` to the end of the sender. */
export function scan<Message>(
  grammar: (feed: Feed) => Grammar<Message>,
  chunks: readonly Uint8Array[],
): Scanned<Message> {
  const scanner = new Scanner(grammar);
  const messages: Scanned<Message>['messages'] = [];
  const passed: Uint8Array[] = [];
  let current: Uint8Array[] = [];
  let unreadable: string | undefined;
  const read = (pieces: ReturnType<typeof scanner.push>) => {
    for (const piece of pieces) {
      if (piece.is === 'head') {
        current = [];
        messages.push({ message: piece.message, bytes: undefined });
      }
      if (piece.is === 'end') {
        messages.at(-1)!.bytes = Buffer.concat(current).toString('latin1');
        continue;
      }
      if (piece.is === 'unreadable') unreadable = piece.why.message;
      passed.push(piece.bytes);
      current.push(piece.bytes);
    }
  };
  for (const chunk of chunks) read(scanner.push(chunk));
  read(scanner.end());
  return { messages, unreadable, passed: Buffer.concat(passed) };
}

/** The lengths of chunks, used in turn. */
export const chunkLengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

export function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = from + lengths[chunks.length % lengths.length]!;
    chunks.push(bytes.subarray(from, to));
    from = to;
  }
  return chunks;
}

/** Random bytes, and the given ones with some of them replaced. */
export function spoilt(good: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const place = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  return fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(good, fc.array(place, { minLength: 1, maxLength: 4 })).map(([bytes, places]) => {
      const copy = Uint8Array.from(bytes);
      for (const [at, value] of places) if (copy.length > 0) copy[at % copy.length] = value;
      return copy;
    }),
  );
}
