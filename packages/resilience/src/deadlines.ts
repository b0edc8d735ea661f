import type { Clock, Timer } from './clock.js';
import { type Linked, LinkedList } from './linked-list.js';

/** Somebody who is called at a time, unless it is removed before. */
export interface Deadline extends Linked<Deadline> {
  readonly dueMs: number;
  readonly onDue: () => void;
}

/**
 * How far off a timer is set at first, at most: whoever makes a policy for one call leaves it behind. Of most calls nothing is
 * left to be waited for by then.
 */
const firstTimerMs = 1_000;

/**
 * Deadlines that are all equally far off when they are added, so that they come in the order in which they were added:
 * one timer serves them all. While there is none, a timer that was set for one that was removed stays, and keeps no
 * process alive: to set it anew would take longer than the rest.
 */
export class Deadlines {
  readonly #ms: number;
  readonly #clock: Clock;
  readonly #list = new LinkedList<Deadline>();
  #timer: Timer | undefined;

  constructor(ms: number, clock: Clock) {
    this.#ms = ms;
    this.#clock = clock;
  }

  add(onDue: () => void): Deadline {
    const dueMs = this.#clock.nowMs() + this.#ms;
    const deadline: Deadline = { dueMs, onDue, before: undefined, after: undefined, isLinked: false };
    this.#list.append(deadline);
    if (this.#timer === undefined) this.#set(Math.min(this.#ms, firstTimerMs));
    else if (this.#list.length === 1) this.#timer.hold(true);
    return deadline;
  }

  /** Removing what has come, or was removed, is no error. */
  remove(deadline: Deadline): void {
    if (this.#list.remove(deadline) && this.#list.length === 0) this.#timer?.hold(false);
  }

  #set(ms: number): void {
    this.#timer = this.#clock.schedule(ms, () => {
      this.#timer = undefined;
      this.#callDue();
    });
  }

  #callDue(): void {
    const nowMs = this.#clock.nowMs();
    for (let { first } = this.#list; first !== undefined && first.dueMs <= nowMs; { first } = this.#list) {
      this.#list.remove(first);
      first.onDue();
    }
    const { first } = this.#list;
    // Whoever was just called may have added one, and set the timer.
    if (first !== undefined && this.#timer === undefined) this.#set(first.dueMs - nowMs);
  }
}
