import { wholeNumber } from './checks.js';
import type { DirectedScope, ToxicKind } from './toxic.js';

/** A slow line: a byte arrives when it and those before it have been sent at this speed. */
export interface Bandwidth extends DirectedScope {
  readonly type: 'bandwidth';
  /** From 1. */
  readonly bytesPerSecond: number;
}

/** Small enough that the line looks even, and not more timers than needed. */
const piecesPerSecond = 100;

export const bandwidth: ToxicKind<Bandwidth> = {
  checks: { bytesPerSecond: wholeNumber(1) },
  open({ bytesPerSecond }) {
    const pieceBytes = Math.ceil(bytesPerSecond / piecesPerSecond);
    let freeAtMs = 0;
    return {
      *pass(bytes, _position, arrivedMs) {
        // The line is idle only until bytes arrive. What a timer is late is made up for.
        freeAtMs = Math.max(freeAtMs, arrivedMs);
        for (let at = 0; at < bytes.length; at += pieceBytes) {
          const piece = bytes.subarray(at, at + pieceBytes);
          freeAtMs += (piece.length / bytesPerSecond) * 1000;
          yield { do: 'wait-until', atMs: freeAtMs };
          yield { do: 'forward', bytes: piece };
        }
      },
    };
  },
};
