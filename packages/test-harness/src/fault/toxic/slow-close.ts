import { milliseconds } from './checks.js';
import type { DirectedScope, ToxicKind } from './toxic.js';

/** The end of the direction arrives later than its last byte. */
export interface SlowClose extends DirectedScope {
  readonly type: 'slow_close';
  /** Milliseconds, 0 to 2 147 483 647. */
  readonly delayMs: number;
}

export const slowClose: ToxicKind<SlowClose> = {
  checks: { delayMs: milliseconds },
  open: ({ delayMs }) => ({
    *pass(bytes) {
      yield { do: 'forward', bytes };
    },
    *end(_position, arrivedMs) {
      yield { do: 'wait-until', atMs: arrivedMs + delayMs };
    },
  }),
};
