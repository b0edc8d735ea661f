import type { Step, ToxicStream } from './toxic.js';

/** Lets exactly `bytes` pass from where it begins, and then ends the connection at once. */
export function cutAfter(bytes: number, from: number, how: 'close' | 'reset'): ToxicStream {
  return {
    *pass(arrived, position): Generator<Step> {
      const left = from + bytes - position;
      if (left > 0) yield { do: 'forward', bytes: arrived.subarray(0, left) };
      if (left <= arrived.length) yield { do: how };
    },
    ...(bytes === 0 && { timer: { afterMs: 0, do: how } }),
  };
}
