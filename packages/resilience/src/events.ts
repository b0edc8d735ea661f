/** Which policy decided. */
export type PolicyKind =
  'retry' | 'rate-limiter' | 'circuit-breaker' | 'bulkhead' | 'timeout' | 'hedge' | 'fallback';

/** What happens to one call of a named policy, in the order in which it happens. */
export type PolicyEvent =
  /** The call itself is made: once, or once more. */
  | { readonly type: 'attempt'; readonly number: number }
  /** An attempt failed, and another is made after the delay. */
  | { readonly type: 'retry'; readonly number: number; readonly delayMs: number; readonly cause: unknown }
  /** Another attempt would have been made, but the shared budget has no tokens left. */
  | { readonly type: 'budget-exhausted'; readonly cause: unknown }
  /** A policy did not let the call through. */
  | { readonly type: 'rejected'; readonly by: PolicyKind; readonly cause: unknown }
  /** A policy let the call through after a wait. */
  | { readonly type: 'waited'; readonly by: PolicyKind; readonly waitedMs: number }
  | { readonly type: 'timed-out'; readonly afterMs: number }
  /** A second attempt is made because the first takes long. */
  | { readonly type: 'hedged'; readonly afterMs: number }
  | { readonly type: 'fell-back'; readonly cause: unknown }
  /** Nothing is let through by the rate limiter for so long: a server asked for it. */
  | { readonly type: 'paused'; readonly forMs: number }
  | CircuitEvent
  /** One of these two is the last event of every call. */
  | ({ readonly type: 'succeeded' } & CallEnd)
  | ({ readonly type: 'failed'; readonly cause: unknown } & CallEnd);

export interface CallEnd {
  /** How often the call was made. */
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** A circuit breaker changes its state. */
export type CircuitEvent =
  | { readonly type: 'opened'; readonly forMs: number; readonly reason: string }
  | { readonly type: 'half-opened' }
  | { readonly type: 'closed' };

/** How a policy tells of an event, while it happens. */
export type Notify = (event: PolicyEvent) => void;

/** Told of every event of a named policy. What it throws reaches no call: it is an uncaught exception. */
export type Listener = (event: PolicyEvent, policyName: string) => void;

/** Follows one call. */
export interface CallObserver {
  readonly notify: Notify;
  /** Does work in the context of what is observed, such as that of a span. */
  within<R>(work: () => R): R;
}

/** Makes an observer for one call of the policy of that name. */
export type Observe = (policyName: string) => CallObserver;

/** Calls a listener. Where it throws, what it listens to goes on. */
export function tell<A extends readonly unknown[]>(listener: (...told: A) => void, ...told: A): void {
  try {
    listener(...told);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
