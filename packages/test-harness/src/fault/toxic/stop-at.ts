import type { Step, ToxicStream } from './toxic.js';

/** Lets nothing pass from byte `limit` on, and says so as soon as all before it has passed. */
export function stopAt(limit: number, reached: () => void): ToxicStream {
  return {
    *pass(bytes, position): Generator<Step> {
      const left = limit - position;
      if (left > 0) yield { do: 'forward', bytes: bytes.subarray(0, left) };
      if (left > bytes.length) return;
      if (left > 0) reached();
      yield { do: 'stall' };
    },
    *end() {
      yield { do: 'stall' };
    },
  };
}
