import { keepsFailed, keepsLeases, type LeaseKind, recordEvent, stopwatch } from '../events.js';
import { HarnessError } from '../harness-error.js';
import { notice } from '../notice.js';
import { atTestEnd, isTestRunning } from '../test-end.js';
import type { LeakOption } from './lease-options.js';

/** What there is to do at the end of a lease of one kind. */
export interface Ending {
  readonly kind: LeaseKind;
  readonly name: string;
  readonly leaks: LeakOption;
  /** Names what the test has left behind, one line each. Asked before anything is ended. */
  readonly findLeaks: () => Promise<readonly string[]>;
  /** Ends the lease's own connections. */
  readonly close: () => Promise<void>;
  /** Removes all there is of it. */
  readonly remove: () => Promise<void>;
  /** The line for a shell that looks at what is kept. No password in it. */
  readonly lookAt: string;
}

/** Gives a lease back: looks for leaks, then removes it or, where that is asked for, keeps it. */
export class LeaseEnd {
  #disposal: Promise<void> | undefined;
  #hasFailedTest = false;
  readonly #forget: (() => void) | undefined;

  constructor(private readonly ending: Ending) {
    open.add(this);
    // Of a lease taken in beforeAll all tests are asked that follow, of one taken in a test only that.
    this.#forget = keepsFailed()
      ? atTestEnd(({ failed }) => {
          this.#hasFailedTest ||= failed;
        })
      : undefined;
  }

  get hasBegun(): boolean {
    return this.#disposal !== undefined;
  }

  /** @throws HarnessError `leaked`, when all is done. */
  giveBack(): Promise<void> {
    this.#disposal ??= this.#giveBack();
    return this.#disposal;
  }

  async #giveBack(): Promise<void> {
    const { leaks, findLeaks, close, remove } = this.ending;
    const tookMs = stopwatch();
    // An error in looking must not keep the lease from being removed.
    const [looked] = await Promise.allSettled([leaks === 'ignore' ? [] : findLeaks()]);
    const found = looked.status === 'fulfilled' ? looked.value : [];
    const hasLeaked = found.length > 0;
    await close();
    if (keepsLeases()) {
      this.#keep();
    } else if (keepsFailed()) {
      await this.#whenTestIsOver(async (failed) => {
        this.#forget?.();
        if (failed || hasLeaked) this.#keep();
        else await this.#remove(remove, tookMs);
      });
    } else {
      await this.#remove(remove, tookMs);
    }
    if (looked.status === 'rejected') throw looked.reason;
    if (hasLeaked) throw this.#leaked(found);
  }

  async #remove(remove: () => Promise<void>, tookMs: () => number): Promise<void> {
    await remove();
    open.delete(this);
    const { kind, name } = this.ending;
    recordEvent({ event: 'lease-returned', kind, name, tookMs: tookMs() });
  }

  #keep(): void {
    const { kind, name, lookAt } = this.ending;
    open.delete(this);
    recordEvent({ event: 'lease-kept', kind, name });
    if (keepsFailed()) notice(`kept ${kind} ${name}\n  ${lookAt}`);
  }

  /** The verdict on a test is known only after its last hook, and by then its scopes have ended. */
  async #whenTestIsOver(decide: (failed: boolean) => Promise<void>): Promise<void> {
    if (isTestRunning()) atTestEnd(({ failed }) => decide(failed || this.#hasFailedTest));
    else await decide(this.#hasFailedTest);
  }

  #leaked(leaks: readonly string[]): HarnessError {
    const { kind, name } = this.ending;
    return new HarnessError(
      'leaked',
      `${kind} ${name} was given back with something left in it:\n${leaks.map((leak) => `  ${leak}`).join('\n')}\n` +
        "Close it before the lease ends, or lease with { leaks: 'ignore' }.",
    );
  }
}

/** Those that have not been given back. */
const open = new Set<LeaseEnd>();

/** Gives back what a test file has forgotten. @throws the first error, when all have been tried. */
export async function giveBackAll(): Promise<void> {
  const results = await Promise.allSettled([...open].map((lease) => lease.giveBack()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
