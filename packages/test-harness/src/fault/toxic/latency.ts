import { milliseconds, optional } from './checks.js';
import type { DirectedScope, ToxicKind } from './toxic.js';

/** Everything, the end too, arrives `latencyMs` later. */
export interface Latency extends DirectedScope {
  readonly type: 'latency';
  /** Milliseconds, 0 to 2 147 483 647. */
  readonly latencyMs: number;
  /** Up to so many milliseconds more or less, evenly spread; it does not change the order. @defaultValue 0 */
  readonly jitterMs?: number;
}

export const latency: ToxicKind<Latency> = {
  checks: { latencyMs: milliseconds, jitterMs: optional(milliseconds) },
  open({ latencyMs, jitterMs = 0 }, { random }) {
    // A time before the arrival is no delay. By the position and not by the count of chunks, which TCP decides.
    const delayMs = (position: number) => latencyMs + (2 * random(position) - 1) * jitterMs;
    return {
      *pass(bytes, position, arrivedMs) {
        yield { do: 'wait-until', atMs: arrivedMs + delayMs(position) };
        yield { do: 'forward', bytes };
      },
      *end(position, arrivedMs) {
        yield { do: 'wait-until', atMs: arrivedMs + delayMs(position) };
      },
    };
  },
};
