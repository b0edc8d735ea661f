// The real timers, also in a test that has replaced the global ones by fake timers.
import { clearTimeout, setTimeout } from 'node:timers';
import { setTimeout as wait } from 'node:timers/promises';
import { HarnessError } from './harness-error.js';

/** How long a piece of work may take, and who may end it sooner. */
export interface Limit {
  /** What is awaited, for the message: "connecting to postgres at localhost:5432". */
  readonly what: string;
  /** Milliseconds, more than 0. */
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work`, and gives up on it at the limit.
 * The signal that `work` is handed aborts at that moment, so that it can let go of what it holds; what it answers
 * later is ignored. The process stays alive while `work` runs, whether or not its sockets are referenced.
 *
 * @throws HarnessError `timeout` at the limit.
 * @throws `limit.signal.reason` if that signal aborts first.
 */
export async function within<T>(limit: Limit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  limit.signal?.throwIfAborted();
  const ended = new AbortController();
  const timer = setTimeout(() => {
    ended.abort(new HarnessError('timeout', `${limit.what} took longer than ${String(limit.ms)} ms`));
  }, limit.ms);
  const onAbort = () => {
    ended.abort(limit.signal?.reason);
  };
  limit.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await new Promise<T>((resolve, reject) => {
      ended.signal.addEventListener('abort', () => {
        reject(ended.signal.reason);
      });
      work(ended.signal).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    limit.signal?.removeEventListener('abort', onAbort);
  }
}

/** Calls back after `ms` milliseconds, unless it is taken back. It does not keep the process alive. */
export function later(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms).unref();
  return () => {
    clearTimeout(timer);
  };
}

/** Resolves after `ms` milliseconds, or rejects with the reason of `signal` the moment it aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await wait(ms, undefined, signal && { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}
