import { abortOf, type Attempt, type Call, invoke } from './attempt.js';
import type { Clock } from './clock.js';
import type { Notify } from './events.js';
import { definePolicy, type Policy } from './policy.js';

export interface FallbackOptions<F> {
  /** For which errors there is something in place of a result. */
  readonly isHandled: (error: unknown) => boolean;
  /** Makes it. What this throws is thrown. */
  readonly value: (error: unknown) => F | Promise<F>;
}

/** Gives something else instead of an error. An abort by the caller is thrown as ever. */
export function fallback<F>({ isHandled, value }: FallbackOptions<F>, clock: Clock): Policy<F> {
  return definePolicy(<T>(call: Call<T>, attempt: Attempt, notify: Notify | undefined): Promise<T | F> => {
    return invoke(call, attempt).catch<F>((cause: unknown) => {
      if (abortOf(attempt) !== undefined || !isHandled(cause)) throw cause;
      notify?.({ type: 'fell-back', cause });
      return value(cause);
    });
  }, clock);
}
