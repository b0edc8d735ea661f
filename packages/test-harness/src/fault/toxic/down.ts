import { cutAfter } from './cut-after.js';
import type { ToxicKind, ToxicScope } from './toxic.js';

/**
 * A connection is reset as soon as it is made, before the server hears of it: which one it is, is known only then. A real
 * refusal is `link.down()`. Connections that are open already are reset.
 */
export interface Down extends ToxicScope {
  readonly type: 'down';
}

export const down: ToxicKind<Down> = {
  checks: {},
  open: (_options, { from }) => cutAfter(0, from, 'reset'),
};
