import type { Clock } from '../src/clock.js';

/** Time that passes when the test says so. */
export class VirtualClock implements Clock {
  #nowMs = 1_000;
  #due: { atMs: number; action: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  schedule(ms: number, action: () => void): { cancel(): void } {
    const entry = { atMs: this.#nowMs + ms, action };
    this.#due.push(entry);
    return { cancel: () => (this.#due = this.#due.filter((other) => other !== entry)) };
  }

  get pending(): number {
    return this.#due.length;
  }

  /** Calls what is due until then, each at its own time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = this.#due.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#due = this.#due.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.action();
    }
    this.#nowMs = endMs;
  }
}
