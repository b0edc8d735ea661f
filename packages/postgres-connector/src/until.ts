/**
 * Waits for `promise`, or rejects with the reason of the first signal that aborts before. Nothing is kept of what was
 * waited for, as `Promise.race` with a promise that outlives many others would.
 */
export function until<T>(promise: Promise<T>, signals: readonly AbortSignal[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      const aborted = signals.find((signal) => signal.aborted);
      end();
      reject(aborted?.reason as Error);
    };
    const end = (): void => {
      for (const signal of signals) signal.removeEventListener('abort', onAbort);
    };
    for (const signal of signals) signal.addEventListener('abort', onAbort);
    if (signals.some((signal) => signal.aborted)) {
      // It may still fail, which nobody else hears.
      promise.catch(() => undefined);
      onAbort();
      return;
    }
    promise.then(resolve, reject).finally(end);
  });
}
