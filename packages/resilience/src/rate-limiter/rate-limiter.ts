import { abortOf, type Attempt, type Call, invoke } from '../attempt.js';
import { type Clock, longestSleepMs } from '../clock.js';
import { isRejection } from '../errors.js';
import type { Notify } from '../events.js';
import { type Linked, LinkedList } from '../linked-list.js';
import { definePolicy, extend, type Policy } from '../policy.js';
import { assertDuration, assertPositive, assertWhole } from '../ranges.js';
import { LimiterQueue, type QueueLimits } from './limiter-queue.js';
import type { TokenBucketOptions } from './token-bucket.js';

/** Exactly one of the two rates. */
type Rate =
  | { readonly requestsPerMinute: number; readonly requestsPerSecond?: never }
  | { readonly requestsPerSecond: number; readonly requestsPerMinute?: never };

export type RateLimiterOptions = Rate & {
  /** How many may start at once after a pause: a whole number from 1. */
  readonly burst: number;
  /**
   * What becomes of a call that may not start yet: `wait` for its turn, however long that takes; `reject`; or a queue
   * of at most `maxQueue` calls, none of which has to wait for more than `maxWaitMs`: who would is rejected at once.
   * @defaultValue 'wait'
   */
  readonly onLimit?: 'wait' | 'reject' | { readonly maxQueue: number; readonly maxWaitMs: number };
  /**
   * Milliseconds for which the server that threw this wants to be left alone, such as a Retry-After; the key of the call
   * is paused for as long. Not asked for what other policies threw. @defaultValue never
   */
  readonly retryAfterMs?: (error: unknown) => number | undefined;
  /** A server may pause us for so long in one go, in milliseconds. @defaultValue 300_000 */
  readonly maxPauseMs?: number;
};

export interface RateLimiter extends Policy {
  /**
   * The same limiter for calls of one key, each of which has tokens of its own, and of one weight, which is how many
   * tokens a call takes: a whole number from 1 to `burst`.
   * @throws RangeError if the weight is out of range: such a call could never start.
   */
  for(of: { readonly key?: string; readonly weight?: number }): Policy;
  /** Lets nothing start for so many milliseconds. A pause that runs is prolonged, never shortened. */
  pause(ms: number, key?: string): void;
  /** How many keys are remembered: those that wait, or have spent tokens that have not come back yet, and a few others. */
  readonly rememberedKeys: number;
}

/**
 * Lets calls start at a rate: `burst` at once, then one whenever a token has come. Never early, and first come, first
 * served. A call that is aborted while it waits gives its place up and takes no token.
 *
 * @throws RangeError at once for an option out of range.
 */
export function rateLimiter(options: RateLimiterOptions, clock: Clock): RateLimiter {
  const { burst, maxPauseMs = 300_000, retryAfterMs } = options;
  assertWhole('burst', burst, 1);
  assertDuration('maxPauseMs', maxPauseMs);
  const keys = new LimiterKeys({ ...rateOf(options), capacity: burst }, limitsOf(options), clock);

  const pause = (ms: number, key: string | undefined, notify?: Notify): void => {
    const forMs = Math.min(ms, maxPauseMs);
    keys.queueOf(key).pause(forMs);
    notify?.({ type: 'paused', forMs });
  };
  const call = <T>(work: Call<T>, attempt: Attempt, key: string | undefined, notify: Notify | undefined) => {
    const called = invoke(work, attempt);
    if (retryAfterMs === undefined) return called;
    return called.catch((error: unknown) => {
      const ms = isRejection(error) ? undefined : retryAfterMs(error);
      if (ms !== undefined && ms > 0) pause(ms, key, notify);
      throw error;
    });
  };
  const limited = (key: string | undefined, weight: number): Policy => {
    return definePolicy((work, attempt, notify) => {
      const queue = keys.queueOf(key);
      if (queue.tryTake(weight)) return call(work, attempt, key, notify);
      return waitAndCall(queue, weight, attempt, notify, () => call(work, attempt, key, notify));
    }, clock);
  };
  return extend(limited(undefined, 1), {
    for: ({ key, weight = 1 }: { readonly key?: string; readonly weight?: number }) => {
      assertWhole('weight', weight, 1, burst);
      return limited(key, weight);
    },
    pause: (ms: number, key?: string) => {
      assertDuration('ms', ms);
      pause(ms, key);
    },
    get rememberedKeys() {
      return keys.size;
    },
  });
}

async function waitAndCall<T>(
  queue: LimiterQueue,
  weight: number,
  attempt: Attempt,
  notify: Notify | undefined,
  work: () => Promise<T>,
): Promise<T> {
  let waitedMs: number;
  try {
    waitedMs = await queue.take(weight, attempt);
  } catch (cause) {
    if (isRejection(cause)) notify?.({ type: 'rejected', by: 'rate-limiter', cause });
    throw cause;
  }
  const aborted = abortOf(attempt);
  if (aborted !== undefined) throw aborted.reason;
  notify?.({ type: 'waited', by: 'rate-limiter', waitedMs });
  return work();
}

function rateOf(options: Rate): Pick<TokenBucketOptions, 'tokens' | 'periodMs'> {
  const { requestsPerMinute, requestsPerSecond } = options as Readonly<
    Record<keyof Rate, number | undefined>
  >;
  if ((requestsPerMinute === undefined) === (requestsPerSecond === undefined))
    throw new RangeError('give either requestsPerMinute or requestsPerSecond, not both and not none');
  if (requestsPerMinute !== undefined) {
    assertPositive('requestsPerMinute', requestsPerMinute, Number.MAX_SAFE_INTEGER);
    return { tokens: requestsPerMinute, periodMs: 60_000 };
  }
  assertPositive('requestsPerSecond', requestsPerSecond ?? NaN, Number.MAX_SAFE_INTEGER);
  return { tokens: requestsPerSecond ?? NaN, periodMs: 1_000 };
}

function limitsOf({ onLimit = 'wait' }: RateLimiterOptions): QueueLimits {
  if (onLimit === 'wait') return { maxQueue: Infinity, maxWaitMs: Infinity };
  if (onLimit === 'reject') return { maxQueue: Infinity, maxWaitMs: 0 };
  const { maxQueue, maxWaitMs } = onLimit;
  assertWhole('onLimit.maxQueue', maxQueue, 1);
  assertPositive('onLimit.maxWaitMs', maxWaitMs, longestSleepMs);
  return { maxQueue, maxWaitMs };
}

interface Remembered extends Linked<Remembered> {
  readonly key: string;
  readonly queue: LimiterQueue;
}

/** The queue of every key. One that is idle is as good as a new one, and is forgotten. */
class LimiterKeys {
  readonly #unnamed: LimiterQueue;
  readonly #named = new Map<string, Remembered>();
  /**
   * The first is the one that was looked at the longest time ago. The order of the map would not do: a `Map` whose first
   * entries are deleted again and again is slow to find its first.
   */
  readonly #byLook = new LinkedList<Remembered>();
  readonly #make: () => LimiterQueue;

  constructor(options: TokenBucketOptions, limits: QueueLimits, clock: Clock) {
    this.#make = () => new LimiterQueue(options, limits, clock);
    this.#unnamed = this.#make();
  }

  get size(): number {
    return this.#named.size;
  }

  queueOf(key: string | undefined): LimiterQueue {
    if (key === undefined) return this.#unnamed;
    const found = this.#named.get(key);
    this.#lookAtOldest(found);
    if (found !== undefined) return found.queue;
    this.#lookAtOldest(found);
    const made: Remembered = {
      key,
      queue: this.#make(),
      before: undefined,
      after: undefined,
      isLinked: false,
    };
    this.#named.set(key, made);
    this.#byLook.append(made);
    return made.queue;
  }

  /** One is looked at for each use, and another for a key that is added: more can be forgotten than come, without a timer. */
  #lookAtOldest(inUse: Remembered | undefined): void {
    const { first } = this.#byLook;
    if (first === undefined) return;
    this.#byLook.remove(first);
    if (first !== inUse && first.queue.isIdle) this.#named.delete(first.key);
    else this.#byLook.append(first);
  }
}
