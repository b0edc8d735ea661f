import { milliseconds } from './checks.js';
import type { DirectedScope, ToxicKind } from './toxic.js';

/** Nothing passes, not even the end; what was sent passes once the toxic is removed. */
export interface Timeout extends DirectedScope {
  readonly type: 'timeout';
  /** Milliseconds after which the connection is closed; 0: never. */
  readonly timeoutMs: number;
}

export const timeout: ToxicKind<Timeout> = {
  checks: { timeoutMs: milliseconds },
  open: ({ timeoutMs }) => ({
    *pass(bytes) {
      yield { do: 'stall' };
      yield { do: 'forward', bytes };
    },
    *end() {
      yield { do: 'stall' };
    },
    ...(timeoutMs > 0 && { timer: { afterMs: timeoutMs, do: 'close' } }),
  }),
};
