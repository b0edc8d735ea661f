import { abortOf, type Attempt, type Call, invoke } from '../attempt.js';
import type { Backoff } from '../backoff/backoff.js';
import { constantBackoff } from '../backoff/constant.js';
import type { Clock } from '../clock.js';
import { isRejection, ResilienceError } from '../errors.js';
import { type CircuitEvent, type Notify, tell } from '../events.js';
import { definePolicy, extend, type Policy } from '../policy.js';
import { assertDuration, assertWhole } from '../ranges.js';
import { failureWindow, type TripRule } from './trip-rule.js';

export interface CircuitBreakerOptions {
  /** When it opens. */
  readonly rule: TripRule;
  /**
   * How long it stays open: milliseconds, or a backoff that is given how often it has opened since it was last closed.
   * With jitter, many breakers that opened together do not all try together.
   */
  readonly openMs: number | Backoff;
  /** How many calls are let through to try a server after that: a whole number from 1. All must succeed. @defaultValue 1 */
  readonly probes?: number;
  /**
   * Which errors say that the server is not well. Any other is an answer, and counts as a success. Not asked for what a
   * policy threw to turn a call away, nor when the caller aborted: neither says anything of the server.
   */
  readonly isFailure: (error: unknown) => boolean;
  /**
   * Whether each attempt of one call counts, where a `retry` is around this. Otherwise the first failure of a call does,
   * so that a single call cannot open it. @defaultValue false
   */
  readonly countRetries?: boolean;
}

export type CircuitState = 'closed' | 'open' | 'half-open';

export interface CircuitBreaker extends Policy {
  /** `half-open` as soon as the next call would be let through to try. */
  readonly state: CircuitState;
  /** Opens it until it is told otherwise, or closes it with an empty window. Calls that run already do not count. */
  force(state: 'open' | 'closed'): void;
  /** @returns what ends that */
  subscribe(listener: (event: CircuitEvent) => void): () => void;
}

/** A stay in one state. What a call says of the server counts in the stay in which it was made, and in no later one. */
type Stay =
  | { readonly state: 'closed' }
  | { readonly state: 'open'; readonly untilMs: number }
  | { readonly state: 'half-open'; readonly sinceMs: number; admitted: number; succeeded: number };

/**
 * Turns calls away while a server is not well, and lets a few through now and then to see.
 *
 * A half-open circuit whose probes have not all come back after another `openMs` lets the same number through again: a
 * call that hangs does not keep it shut for ever.
 *
 * @throws RangeError at once for an option that is out of range or contradicts another.
 */
export function circuitBreaker(options: CircuitBreakerOptions, clock: Clock): CircuitBreaker {
  const { rule, openMs, probes = 1, isFailure, countRetries = false } = options;
  assertWhole('probes', probes, 1);
  if (typeof openMs === 'number') assertDuration('openMs', openMs);
  const openFor = typeof openMs === 'number' ? constantBackoff({ delayMs: openMs, jitter: 'none' }) : openMs;
  const window = failureWindow(rule);
  const slowMs = rule.type === 'consecutive' ? undefined : rule.slowMs;
  const needsTime = rule.type !== 'consecutive';
  const subscribers = new Set<(event: CircuitEvent) => void>();
  let stay: Stay = { state: 'closed' };
  let opens = 0;
  let lastOpenMs = 0;

  const say = (event: CircuitEvent, notify: Notify | undefined): void => {
    for (const subscriber of subscribers) tell(subscriber, event);
    notify?.(event);
  };
  const open = (reason: string, notify?: Notify): void => {
    lastOpenMs = openFor(++opens, lastOpenMs);
    window.clear();
    stay = { state: 'open', untilMs: clock.nowMs() + lastOpenMs };
    say({ type: 'opened', forMs: lastOpenMs, reason }, notify);
  };
  const close = (notify?: Notify): void => {
    opens = 0;
    window.clear();
    stay = { state: 'closed' };
    say({ type: 'closed' }, notify);
  };
  const isDue = (): boolean => {
    if (stay.state === 'open') return clock.nowMs() >= stay.untilMs;
    return stay.state === 'half-open' && clock.nowMs() >= stay.sinceMs + lastOpenMs;
  };
  /** @returns the stay in which the call is made; @throws ResilienceError `circuit-open` */
  const admit = (notify: Notify | undefined): Stay => {
    if (stay.state === 'closed') return stay;
    if (isDue()) {
      const isNew = stay.state === 'open';
      stay = { state: 'half-open', sinceMs: clock.nowMs(), admitted: 0, succeeded: 0 };
      if (isNew) say({ type: 'half-opened' }, notify);
    }
    if (stay.state === 'half-open' && stay.admitted < probes) {
      stay.admitted++;
      return stay;
    }
    const dueMs = stay.state === 'open' ? stay.untilMs : stay.sinceMs + lastOpenMs;
    const retryAfterMs = dueMs - clock.nowMs();
    const cause = new ResilienceError('circuit-open', describe(stay.state, retryAfterMs), { retryAfterMs });
    notify?.({ type: 'rejected', by: 'circuit-breaker', cause });
    throw cause;
  };
  const settle = (made: Stay, isBad: boolean, isSlow: boolean, counts: boolean, notify?: Notify): void => {
    if (made !== stay) return;
    if (made.state === 'half-open') {
      if (isBad || isSlow) open(isBad ? 'a probe failed' : 'a probe was slow', notify);
      else if (++made.succeeded === probes) close(notify);
    } else if (counts) {
      const reason = window.record(isBad, isSlow, needsTime ? clock.nowMs() : 0);
      if (reason !== undefined) open(reason, notify);
    }
  };
  /** A probe that says nothing of the server gives its place to another. */
  const giveBack = (made: Stay): void => {
    if (made === stay && made.state === 'half-open') made.admitted--;
  };

  const policy = definePolicy(
    <T>(call: Call<T>, attempt: Attempt, notify: Notify | undefined): Promise<T> => {
      let made: Stay;
      try {
        made = admit(notify);
      } catch (error) {
        return Promise.reject(error);
      }
      const startMs = slowMs === undefined ? 0 : clock.nowMs();
      const isSlow = (): boolean => slowMs !== undefined && clock.nowMs() - startMs >= slowMs;
      return invoke(call, attempt).then(
        (result) => {
          settle(made, false, isSlow(), true, notify);
          return result;
        },
        (error: unknown) => {
          if (abortOf(attempt) !== undefined || isRejection(error)) giveBack(made);
          else settle(made, isFailure(error), isSlow(), countRetries || attempt.number === 1, notify);
          throw error;
        },
      );
    },
    clock,
  );
  return extend(policy, {
    get state() {
      return isDue() ? 'half-open' : stay.state;
    },
    force: (state: 'open' | 'closed') => {
      if (state === 'closed') close();
      else {
        window.clear();
        stay = { state: 'open', untilMs: Infinity };
        say({ type: 'opened', forMs: Infinity, reason: 'it was opened by hand' }, undefined);
      }
    },
    subscribe: (listener: (event: CircuitEvent) => void) => {
      subscribers.add(listener);
      return () => {
        subscribers.delete(listener);
      };
    },
  });
}

function describe(state: CircuitState, retryAfterMs: number): string {
  if (state === 'half-open') return 'the circuit is half-open, and its probes are not back yet';
  if (retryAfterMs === Infinity) return 'the circuit was opened by hand';
  return `the circuit is open for another ${String(Math.ceil(retryAfterMs))} ms`;
}
