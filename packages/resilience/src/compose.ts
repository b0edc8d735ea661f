import { definePolicy, type Policy } from './policy.js';

/** Policies by what they do. Those left out are not applied. */
export interface Parts<F = never> {
  /** What is given instead of an error. Sees the outcome of all the rest. */
  readonly fallback?: Policy<F>;
  /** A `timeout` for all of it: attempts, waits and backoffs. */
  readonly deadline?: Policy;
  readonly retry?: Policy;
  /** Each of its two attempts is limited and counted by what follows. */
  readonly hedge?: Policy;
  /** Turns an attempt away before it spends a token or takes a place. */
  readonly circuitBreaker?: Policy;
  /** Every attempt spends a token: the server counts requests, not calls. */
  readonly rateLimiter?: Policy;
  /** Nobody holds a place while it waits for a token. */
  readonly bulkhead?: Policy;
  /** A `timeout` for each attempt. The waits above are not part of it. */
  readonly timeout?: Policy;
}

const fromOuterToInner = [
  'fallback',
  'deadline',
  'retry',
  'hedge',
  'circuitBreaker',
  'rateLimiter',
  'bulkhead',
  'timeout',
] as const satisfies readonly (keyof Parts)[];

/**
 * Puts policies around each other in the one order that makes sense of them all, which is that of `Parts`, whatever the
 * order in which they are given. For another order, `nest` two at a time.
 *
 * @throws RangeError if there is none.
 */
export function compose<F = never>(parts: Parts<F>): Policy<F> {
  const given = fromOuterToInner.flatMap((part): Policy<F>[] => {
    const policy: Policy<F> | undefined = parts[part];
    return policy === undefined ? [] : [policy];
  });
  if (given.length === 0) throw new RangeError(`compose needs one of ${fromOuterToInner.join(', ')}`);
  return given.reduce((outer, inner) => nest(outer, inner));
}

/** Makes every attempt of `outer` a call under `inner`. */
export function nest<F, G>(outer: Policy<F>, inner: Policy<G>): Policy<F | G> {
  return definePolicy(
    (call, attempt, notify) => outer.run((each) => inner.run(call, each, notify), attempt, notify),
    outer.clock,
  );
}
