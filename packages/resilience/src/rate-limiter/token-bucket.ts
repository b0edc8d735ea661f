export interface TokenBucketOptions {
  /** Milliseconds in which `tokens` come, evenly. */
  readonly periodMs: number;
  readonly tokens: number;
  /** How many it holds. It is full at first. */
  readonly capacity: number;
}

/**
 * Tokens that come with time. It counts what was spent since it was last full, and multiplies: a sum of intervals would
 * drift from the rate by the errors of all its additions.
 */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  /** When it was last full. Later than now while it is paused. */
  #fullAtMs: number;
  #spent = 0;
  #pausedUntilMs: number;

  constructor(options: TokenBucketOptions, nowMs: number) {
    this.#options = options;
    this.#fullAtMs = nowMs;
    this.#pausedUntilMs = nowMs;
  }

  /** When so many tokens will be there, or were: nobody else takes any before. */
  readyMs(tokens: number): number {
    const missing = this.#spent + tokens - this.#options.capacity;
    return Math.max(this.#fullAtMs + this.#timeFor(missing), this.#pausedUntilMs);
  }

  /** Takes tokens, which must be there: see `readyMs`. */
  take(tokens: number, nowMs: number): void {
    if (this.isFull(nowMs)) {
      this.#fullAtMs = nowMs;
      this.#spent = 0;
    }
    this.#spent += tokens;
  }

  /** A full bucket that is not paused is as good as a new one. */
  isFull(nowMs: number): boolean {
    return nowMs >= this.#pausedUntilMs && nowMs >= this.#fullAtMs + this.#timeFor(this.#spent);
  }

  /** Gives out nothing until then, and gets none: those who waited do not all come at once afterwards. */
  pauseUntil(untilMs: number, nowMs: number): void {
    const addedMs = untilMs - Math.max(nowMs, this.#pausedUntilMs);
    if (addedMs <= 0) return;
    if (this.isFull(nowMs)) {
      this.#fullAtMs = nowMs;
      this.#spent = 0;
    }
    this.#fullAtMs += addedMs;
    this.#pausedUntilMs = untilMs;
  }

  #timeFor(tokens: number): number {
    return (tokens * this.#options.periodMs) / this.#options.tokens;
  }
}
