import { within } from '../deadline.js';

/** What a pool keeps ready, and how. */
export interface WarmSource {
  /** Makes one, ahead of need. */
  readonly create: () => Promise<string>;
  /** Removes one that nobody wants any more. */
  readonly drop: (name: string) => Promise<void>;
  /** Calls back after milliseconds, unless it is taken back. */
  readonly later: (ms: number, callback: () => void) => () => void;
}

/** The most that one pool keeps ready. Each is a copy of its template, on disk or in memory. */
const most = 4;

/** After so long without a lease, the half of what was kept ready is enough. */
const idleMs = 5_000;

/** The longest that a lease waits for a copy that is being made: the limit of the creation itself. */
const waitMs = 60_000;

/**
 * Databases that are made before they are wanted, one at a time while tests run. How many follows demand: none before the
 * first lease, then one; twice as many when a lease found none ready, up to 4; half as many after 5 s without a lease, and
 * so on down to none.
 */
export class WarmPool {
  readonly #ready: string[];
  #making: Promise<string | undefined> | undefined;
  #isPromised = false;
  #wanted = 0;
  #isClosed = false;
  #cancelShrink: (() => void) | undefined;

  /** @param ready - Those that a pool before this one has left. */
  constructor(
    private readonly source: WarmSource,
    ready: readonly string[] = [],
  ) {
    this.#ready = [...ready];
  }

  /**
   * Hands out one that is ready, or the one that is being made if nobody waits for it. `undefined`: make one yourself.
   * Call {@link refill} when the lease is at work.
   *
   * @throws `signal.reason` on abort; what was waited for stays in the pool.
   */
  async take(signal?: AbortSignal): Promise<string | undefined> {
    const ready = this.#ready.shift();
    if (ready !== undefined) {
      this.#wanted = Math.max(this.#wanted, 1);
      return ready;
    }
    this.#wanted = Math.min(Math.max(2 * this.#wanted, 1), most);
    const making = this.#making;
    if (making === undefined || this.#isPromised) return undefined;
    this.#isPromised = true;
    try {
      return await within({ what: 'a copy of the template', ms: waitMs, signal }, () => making);
    } catch (error) {
      // It is being made all the same, for whoever comes next.
      void making.then((name) => {
        if (name !== undefined) this.#ready.push(name);
      });
      throw error;
    }
  }

  /** Makes what is missing, in the background. */
  refill(): void {
    if (this.#isClosed) return;
    this.#cancelShrink?.();
    this.#cancelShrink = this.source.later(idleMs, () => {
      this.#shrink();
    });
    this.#make();
  }

  /** Ends making, and leaves what is ready to the caller. */
  async close(): Promise<string[]> {
    this.#isClosed = true;
    this.#cancelShrink?.();
    await this.#making;
    this.#wanted = 0;
    return this.#ready.splice(0);
  }

  #make(): void {
    if (this.#isClosed || this.#making !== undefined || this.#ready.length >= this.#wanted) return;
    const making = this.source.create().catch(() => {
      // The next lease makes its own, and says why if it cannot.
      this.#wanted = 0;
      return undefined;
    });
    this.#making = making;
    void making.then((name) => {
      if (name !== undefined && !this.#isPromised) this.#ready.push(name);
      this.#isPromised = false;
      this.#making = undefined;
      this.#make();
    });
  }

  #shrink(): void {
    this.#wanted = Math.floor(this.#wanted / 2);
    // What cannot be dropped now is left to the sweep of a later process, which says so.
    for (const name of this.#ready.splice(this.#wanted)) void this.source.drop(name).catch(() => undefined);
    if (this.#wanted > 0) this.refill();
  }
}
