import { wholeNumber } from './checks.js';
import { cutAfter } from './cut-after.js';
import type { DirectedScope, ToxicKind } from './toxic.js';

/** The connection is closed after exactly so many bytes. */
export interface LimitData extends DirectedScope {
  readonly type: 'limit_data';
  /** From 0, counted from where the toxic begins to work on the connection. */
  readonly afterBytes: number;
}

export const limitData: ToxicKind<LimitData> = {
  checks: { afterBytes: wholeNumber(0) },
  open: ({ afterBytes }, { from }) => cutAfter(afterBytes, from, 'close'),
};
