/**
 * Loads a module when it is needed, and once: after a test Jest refuses every import, and then leases are given back that a
 * test has left.
 */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}
