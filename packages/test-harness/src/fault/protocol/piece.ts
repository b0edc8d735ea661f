/**
 * What a scanner makes of the bytes of one direction. The bytes of all pieces, in order, are those that came: a message
 * is one head, any number of bodies and one end.
 */
export type Piece<Message> =
  /** The bytes of a message up to where it is known what it is. */
  | { readonly is: 'head'; readonly message: Message; readonly bytes: Uint8Array }
  | { readonly is: 'body'; readonly bytes: Uint8Array }
  | { readonly is: 'end' }
  /** All that was held back, and the last piece but for bodies. */
  | { readonly is: 'unreadable'; readonly why: Unreadable; readonly bytes: Uint8Array };

/** Thrown by a grammar: from here on the bytes of the connection cannot be told apart. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';

  constructor(
    reason: string,
    /** Not a mistake of anybody: it is meant to be read by nobody. */
    readonly isEncrypted = false,
  ) {
    super(reason);
  }
}

/** Yields the pieces of one direction, and `undefined` where it needs more bytes. It never returns; it may throw `Unreadable`. */
export type Grammar<Message> = Generator<Piece<Message> | undefined, never, undefined>;

/** A byte for a message. More than one is not shown: it may be of a password. */
export function sayByte(byte: number): string {
  const character = byte > 0x20 && byte < 0x7f ? ` (${String.fromCharCode(byte)})` : '';
  return `byte 0x${byte.toString(16).padStart(2, '0')}${character}`;
}
