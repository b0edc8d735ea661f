import { milliseconds, optional, wholeNumber } from './checks.js';
import type { DirectedScope, ToxicKind } from './toxic.js';

/** The stream is cut into slices, each sent for itself. The seed says where. */
export interface Slicer extends DirectedScope {
  readonly type: 'slicer';
  /** From 1. */
  readonly averageBytes: number;
  /** A slice has up to so many bytes more or less, evenly spread. Less than `averageBytes`. @defaultValue 0 */
  readonly variationBytes?: number;
  /** Milliseconds after each slice; without, the receiver may get several at once. @defaultValue 0 */
  readonly delayMs?: number;
}

export const slicer: ToxicKind<Slicer> = {
  checks: {
    averageBytes: wholeNumber(1),
    variationBytes: optional(wholeNumber(0)),
    delayMs: optional(milliseconds),
  },
  conflict: ({ averageBytes, variationBytes = 0 }) =>
    variationBytes < averageBytes
      ? undefined
      : `variationBytes is ${variationBytes}; it must be less than averageBytes, ${averageBytes}`,
  open({ averageBytes, variationBytes = 0, delayMs = 0 }, { random, from }) {
    const sliceBytes = (position: number) =>
      averageBytes - variationBytes + Math.floor(random(position) * (2 * variationBytes + 1));
    let nextCut = from + sliceBytes(from);
    return {
      *pass(bytes, position) {
        let sliced = 0;
        while (sliced < bytes.length) {
          // A slice that has not arrived in full is not held back: its rest may depend on it.
          const slice = bytes.subarray(sliced, nextCut - position);
          sliced += slice.length;
          yield { do: 'forward', bytes: slice };
          if (position + sliced < nextCut) continue;
          nextCut += sliceBytes(nextCut);
          if (delayMs > 0) yield { do: 'wait', ms: delayMs };
        }
      },
    };
  },
};
