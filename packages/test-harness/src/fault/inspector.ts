/** `upstream`: from the client to the server. */
export type Direction = 'upstream' | 'downstream';

export type Instruction =
  /** On, in its direction. */
  | { readonly do: 'forward'; readonly bytes: Uint8Array }
  /** Back to the side it came from, behind what is on its way there. */
  | { readonly do: 'answer'; readonly bytes: Uint8Array }
  /** This direction pauses. */
  | { readonly do: 'wait'; readonly ms: number }
  /** Nothing more passes in this direction, not even its end. */
  | { readonly do: 'stall' }
  /** Of the whole connection, after what was forwarded and answered before. */
  | { readonly do: 'close' }
  | { readonly do: 'reset' };

/**
 * Sees all bytes of one connection before the toxics do, in order, and says what becomes of them: what it does not
 * forward is gone. Each instruction is taken when the one before it has been carried out, and the next bytes of a direction
 * are shown when all instructions for the ones before have been.
 */
export interface Inspector {
  /** @param bytes - However TCP delivers them, never empty. They are the inspector's to keep, and not to change. */
  inspect(direction: Direction, bytes: Uint8Array): Iterable<Instruction>;
  /** The sender has sent its last byte. What was held back is forwarded now or never; the end itself is passed on after it. */
  end?(direction: Direction): Iterable<Instruction>;
  /**
   * Whether it is not interested any more. Read after each `inspect`; once true, the bytes of both directions pass by it, and
   * it must hold none back.
   */
  readonly isDone?: boolean;
}
