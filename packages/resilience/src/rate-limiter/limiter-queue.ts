import { abortOf, type Attempt, onAbort } from '../attempt.js';
import { type Clock, longestSleepMs, type Timer } from '../clock.js';
import { ResilienceError } from '../errors.js';
import { type Linked, LinkedList } from '../linked-list.js';
import { TokenBucket, type TokenBucketOptions } from './token-bucket.js';

/** For whom there are no tokens yet. */
export interface QueueLimits {
  readonly maxQueue: number;
  readonly maxWaitMs: number;
}

interface Waiter extends Linked<Waiter> {
  readonly weight: number;
  readonly sinceMs: number;
  /** Called once, when it has left the line: its turn has come, or it is sent away. */
  readonly settle: (refusal?: ResilienceError) => void;
}

/** The tokens of one key, and those who wait for them. */
export class LimiterQueue {
  readonly #bucket: TokenBucket;
  readonly #line = new LinkedList<Waiter>();
  readonly #limits: QueueLimits;
  readonly #clock: Clock;
  /** The tokens that all in the line wait for. */
  #asked = 0;
  #timer: Timer | undefined;

  constructor(options: TokenBucketOptions, limits: QueueLimits, clock: Clock) {
    this.#bucket = new TokenBucket(options, clock.nowMs());
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Nobody waits, and no more tokens will come: nothing is lost if it is forgotten. */
  get isIdle(): boolean {
    return this.#line.length === 0 && this.#bucket.isFull(this.#clock.nowMs());
  }

  /** Takes tokens if they are there and nobody waits. */
  tryTake(weight: number): boolean {
    if (this.#line.length > 0) return false;
    const nowMs = this.#clock.nowMs();
    if (this.#bucket.readyMs(weight) > nowMs) return false;
    this.#bucket.take(weight, nowMs);
    return true;
  }

  /**
   * Waits for its turn and its tokens.
   *
   * @returns how long it has waited, in milliseconds
   * @throws ResilienceError `rate-limited`, `queue-full`
   * @throws the reason of the attempt's abort; its place is given up then, and nothing spent.
   */
  async take(weight: number, attempt: Attempt): Promise<number> {
    const { maxQueue, maxWaitMs } = this.#limits;
    const sinceMs = this.#clock.nowMs();
    const waitMs = this.#bucket.readyMs(this.#asked + weight) - sinceMs;
    if (waitMs > maxWaitMs) throw tooLong(waitMs, maxWaitMs);
    if (this.#line.length >= maxQueue) throw queueFull(maxQueue, waitMs);
    await new Promise<void>((resolve, reject) => {
      const settle = (refusal?: ResilienceError): void => {
        unlink();
        if (refusal === undefined) resolve();
        else reject(refusal);
      };
      const waiter: Waiter = {
        weight,
        sinceMs,
        settle,
        before: undefined,
        after: undefined,
        isLinked: false,
      };
      this.#line.append(waiter);
      this.#asked += weight;
      const unlink = onAbort(attempt, () => {
        const isFirst = this.#line.first === waiter;
        this.#leave(waiter);
        if (isFirst) this.#serve();
        reject(abortOf(attempt)?.reason);
      });
      if (this.#line.first === waiter) this.#serve();
    });
    return this.#clock.nowMs() - sinceMs;
  }

  /** Lets nobody through for so long, and sends away those who would have to wait for too long now. */
  pause(ms: number): void {
    const nowMs = this.#clock.nowMs();
    this.#bucket.pauseUntil(nowMs + ms, nowMs);
    const { maxWaitMs } = this.#limits;
    let asked = 0;
    for (const waiter of this.#line) {
      const waitMs = this.#bucket.readyMs(asked + waiter.weight) - waiter.sinceMs;
      if (waitMs <= maxWaitMs) asked += waiter.weight;
      else {
        this.#leave(waiter);
        waiter.settle(tooLong(waitMs, maxWaitMs));
      }
    }
    this.#serve();
  }

  /** Lets those through whose tokens are there, and sees to it that the next is let through in time. */
  #serve(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const nowMs = this.#clock.nowMs();
    for (let next = this.#line.first; next !== undefined; next = this.#line.first) {
      const readyMs = this.#bucket.readyMs(next.weight);
      if (readyMs > nowMs) {
        this.#timer = this.#clock.schedule(Math.min(readyMs - nowMs, longestSleepMs), () => {
          this.#serve();
        });
        return;
      }
      this.#bucket.take(next.weight, nowMs);
      this.#leave(next);
      next.settle();
    }
  }

  #leave(waiter: Waiter): void {
    if (this.#line.remove(waiter)) this.#asked -= waiter.weight;
  }
}

function tooLong(waitMs: number, maxWaitMs: number): ResilienceError {
  const wait = `${String(Math.ceil(waitMs))} ms`;
  const message =
    maxWaitMs === 0
      ? `no tokens for ${wait}`
      : `the wait is ${wait}, and may be ${String(maxWaitMs)} ms (maxWaitMs)`;
  return new ResilienceError('rate-limited', message, { retryAfterMs: waitMs - maxWaitMs });
}

function queueFull(maxQueue: number, retryAfterMs: number): ResilienceError {
  return new ResilienceError('queue-full', `${String(maxQueue)} calls wait already (maxQueue)`, {
    retryAfterMs,
  });
}
