import type { Attempt, Call } from './attempt.js';
import type { Clock } from './clock.js';
import { type CallEnd, type Listener, type Notify, tell } from './events.js';
import { openTelemetry } from './telemetry/open-telemetry.js';

/** What a policy does with a call; for authors of policies. It need not care for what `call` throws at once. */
export type Run<F = never> = <T>(
  call: Call<T>,
  attempt: Attempt,
  notify: Notify | undefined,
) => Promise<T | F>;

/**
 * Makes a call under a rule, and gives its result, or what a fallback (`F`) puts in its place.
 *
 * @throws What the call threw, as it was, never wrapped; `ResilienceError` for what the policy itself decided.
 * @throws `signal.reason` if `signal` aborts first; no further attempt is made after that.
 */
export interface Policy<F = never> {
  <T>(call: Call<T>, signal?: AbortSignal): Promise<T | F>;
  /**
   * The same policy, with the same state, telling what it does under a name such as `postgres.read`: to the listeners,
   * and where `@opentelemetry/api` is installed, as spans and metrics.
   */
  named(name: string, ...listeners: readonly Listener[]): Policy<F>;
  /** How one policy calls another. */
  readonly run: Run<F>;
  readonly clock: Clock;
}

/** Makes a policy of what it does with a call. For authors of policies. */
export function definePolicy<F = never>(run: Run<F>, clock: Clock): Policy<F> {
  const policy = <T>(call: Call<T>, signal?: AbortSignal): Promise<T | F> => {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    try {
      return run(call, { number: 1, signal }, undefined);
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return Object.assign(policy, {
    run,
    clock,
    named: (name: string, ...listeners: readonly Listener[]): Policy<F> =>
      definePolicy(observing(run, clock, name, listeners), clock),
  });
}

/** Gives a policy what else it has. Getters stay getters. */
export function extend<P extends Policy<unknown>, E extends object>(policy: P, extras: E): P & E {
  return Object.defineProperties(policy, Object.getOwnPropertyDescriptors(extras)) as P & E;
}

function observing<F>(run: Run<F>, clock: Clock, name: string, listeners: readonly Listener[]): Run<F> {
  const observe = openTelemetry();
  return async (call, attempt, outer) => {
    const observer = observe?.(name);
    const notify: Notify = (event) => {
      observer?.notify(event);
      for (const listener of listeners) tell(listener, event, name);
      outer?.(event);
    };
    let attempts = 0;
    const counted: typeof call = (each) => {
      attempts++;
      notify({ type: 'attempt', number: each.number });
      return call(each);
    };
    const startMs = clock.nowMs();
    const end = (): CallEnd => ({ attempts, elapsedMs: clock.nowMs() - startMs });
    const work = () => run(counted, attempt, notify);
    try {
      const result = await (observer === undefined ? work() : observer.within(work));
      notify({ type: 'succeeded', ...end() });
      return result;
    } catch (cause) {
      notify({ type: 'failed', ...end(), cause });
      throw cause;
    }
  };
}
