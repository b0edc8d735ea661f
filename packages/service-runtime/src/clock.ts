import { setTimeout as sleepFor } from 'node:timers/promises';

/** Time, handed in so that a test can hold it still. */
export interface Clock {
  /** Monotonic milliseconds. Only the difference of two readings means anything. */
  nowMs(): number;
  /** The wall clock as ISO 8601 in UTC, for people. */
  timestamp(): string;
  /** Resolves after `ms`, or rejects with `signal.reason` the moment `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `action` once after `ms` unless cancelled. Keeps no process alive. */
  schedule(ms: number, action: () => void): { cancel(): void };
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  timestamp: () => new Date().toISOString(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      await sleepFor(ms, undefined, signal && { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
  schedule(ms, action) {
    const timer = setTimeout(action, ms).unref();
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
};
