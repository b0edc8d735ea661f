import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock.js';

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #timers: Timer[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  timestamp(): string {
    return new Date(this.#nowMs).toISOString();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = (): void => {
        timer.cancel();
        reject(signal?.reason);
      };
      const timer = this.schedule(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  schedule(ms: number, action: () => void): { cancel(): void } {
    const timer: Timer = { dueMs: this.#nowMs + ms, fire: action };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Lets `ms` pass: what falls due happens in order, each at its own time, with all that follows from it. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await setImmediate();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      const due = next;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#nowMs = due.dueMs;
      due.fire();
      await setImmediate();
    }
    this.#nowMs = endMs;
  }

  #next(untilMs: number): Timer | undefined {
    const [first] = this.#timers.filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs);
    return first;
  }
}
