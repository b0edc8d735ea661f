import type { Clock } from '@sqlflow/resilience';

/** What a server says that does not take a request. Nothing was done. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export interface ServerOptions {
  /** What it can do at most. */
  readonly requestsPerSecond: number;
  /** Who would have to wait for longer is refused at once. */
  readonly maxQueueMs: number;
  /** When it does nothing, from the start of the clock: it refuses at once, and forgets who waited. */
  readonly outage: { readonly fromMs: number; readonly untilMs: number };
}

/**
 * A server that does one request after the other, in the order in which they came. It does not notice that a client has
 * given up: that request takes as long as any other, which is how a crowd keeps a server from recovering.
 */
export class Server {
  readonly #options: ServerOptions;
  readonly #clock: Clock;
  readonly #onRequest: () => void;
  /** When it will have done all that it took on. */
  #freeAtMs = 0;

  /** @param onRequest - Called for each that reaches it, refused or not. */
  constructor(options: ServerOptions, clock: Clock, onRequest: () => void) {
    this.#options = options;
    this.#clock = clock;
    this.#onRequest = onRequest;
  }

  /** @throws Refused */
  async request(): Promise<void> {
    this.#onRequest();
    const { requestsPerSecond, maxQueueMs } = this.#options;
    const nowMs = this.#clock.nowMs();
    if (this.#isDown(nowMs)) throw new Refused('the server is down');
    const beginsMs = Math.max(nowMs, this.#freeAtMs);
    if (beginsMs - nowMs > maxQueueMs) throw new Refused('the queue is full');
    this.#freeAtMs = beginsMs + 1_000 / requestsPerSecond;
    const { fromMs } = this.#options.outage;
    if (nowMs < fromMs && this.#freeAtMs > fromMs) {
      await this.#clock.sleep(fromMs - nowMs);
      throw new Refused('the server went down');
    }
    await this.#clock.sleep(this.#freeAtMs - nowMs);
  }

  #isDown(nowMs: number): boolean {
    const { fromMs, untilMs } = this.#options.outage;
    if (nowMs < fromMs || nowMs >= untilMs) return false;
    this.#freeAtMs = untilMs;
    return true;
  }
}
