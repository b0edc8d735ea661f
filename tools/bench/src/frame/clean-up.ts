/**
 * What must not outlive the benchmark, however it ends. A signal ends Node without its exit handlers: it is made an
 * ordinary exit here.
 */
const pending = new Set<() => void>();

/** Promises to run `action` once: when disposed of, or else when the process exits. It must not be asynchronous. */
export function atTheLatestOnExit(action: () => void): Disposable {
  if (pending.size === 0) listen();
  pending.add(action);
  return {
    [Symbol.dispose]: () => {
      if (pending.delete(action)) action();
    },
  };
}

function listen(): void {
  process.removeListener('exit', runAll).once('exit', runAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeListener(signal, exitNow).once(signal, exitNow);
  }
}

function runAll(): void {
  for (const action of pending) action();
}

function exitNow(): void {
  process.exit(1);
}
