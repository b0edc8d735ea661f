import { milliseconds, optional, wholeNumber } from './checks.js';
import { cutAfter } from './cut-after.js';
import type { DirectedScope, ToxicKind } from './toxic.js';

/** Both sides get a TCP reset: after so many bytes, after so long, or, with neither, at once. */
export interface ResetPeer extends DirectedScope {
  readonly type: 'reset_peer';
  /** From 0, counted from where the toxic begins to work on the connection: exactly so many pass. Not with `afterMs`. */
  readonly afterBytes?: number;
  /** Milliseconds after the toxic begins to work on the connection. Not with `afterBytes`. */
  readonly afterMs?: number;
}

export const resetPeer: ToxicKind<ResetPeer> = {
  checks: { afterBytes: optional(wholeNumber(0)), afterMs: optional(milliseconds) },
  conflict: ({ afterBytes, afterMs }) =>
    afterBytes === undefined || afterMs === undefined
      ? undefined
      : 'afterBytes and afterMs are both given; give one of them',
  open({ afterBytes, afterMs }, { from }) {
    if (afterMs === undefined) return cutAfter(afterBytes ?? 0, from, 'reset');
    return {
      *pass(bytes) {
        yield { do: 'forward', bytes };
      },
      timer: { afterMs, do: 'reset' },
    };
  },
};
