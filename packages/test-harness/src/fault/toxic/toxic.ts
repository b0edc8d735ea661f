import type { Direction } from '../inspector.js';
import type { RandomAt } from '../random-at.js';
import type { OptionChecks } from './checks.js';

/** What becomes of bytes. A step is taken when the one before it has been carried out. */
export type Step =
  | { readonly do: 'forward'; readonly bytes: Uint8Array }
  | { readonly do: 'wait'; readonly ms: number }
  /** On the clock of the link. A time that has passed is no wait. */
  | { readonly do: 'wait-until'; readonly atMs: number }
  /** Nothing passes until the toxic is removed. */
  | { readonly do: 'stall' }
  /** Of the whole connection, once what was forwarded has been handed to the system. */
  | { readonly do: 'close' }
  | { readonly do: 'reset' };

/** One toxic at work in one direction of one connection. It forwards all bytes it is given, in order, or ends the connection. */
export interface ToxicStream {
  /**
   * @param position - Of the first byte, counted from 0 where the direction began.
   * @param arrivedMs - When the link got the bytes.
   */
  pass(bytes: Uint8Array, position: number, arrivedMs: number): Iterable<Step>;
  /** What comes before the end of the direction is passed on: nothing, or a wait or a stall. */
  end?(position: number, arrivedMs: number): Iterable<Step>;
  /** What happens by itself so long after the toxic began to work on the connection. */
  readonly timer?: { readonly afterMs: number; readonly do: 'close' | 'reset' };
}

/** Which connections a toxic works on, by their numbers: the first is 1. */
export type Connections = readonly number[] | { readonly from: number; readonly to?: number };

export interface ToxicScope {
  /** The numbers, or a range of which `to` is the last. @defaultValue all */
  readonly connections?: Connections;
  /** The share of these connections that it works on, 0 to 1. Which ones, the seed says. @defaultValue 1 */
  readonly toxicity?: number;
}

export interface DirectedScope extends ToxicScope {
  /** `upstream`: from the client to the server. @defaultValue 'downstream' */
  readonly direction?: Direction;
}

export interface StreamContext {
  readonly random: RandomAt;
  /** The position at which the toxic begins to work. */
  readonly from: number;
}

/** One kind of toxic: what its options may be, besides the scope, and how it starts to work. */
export interface ToxicKind<Options> {
  readonly checks: OptionChecks<Omit<Options, keyof DirectedScope | 'type'>>;
  /** What must hold between the options; says what is wrong. */
  conflict?(options: Options): string | undefined;
  open(options: Options, context: StreamContext): ToxicStream;
}
