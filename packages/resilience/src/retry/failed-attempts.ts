/** An attempt that came to nothing. */
export interface FailedAttempt {
  /** 1 for the first. */
  readonly number: number;
  /** What it threw. */
  readonly cause: unknown;
  /** How many milliseconds were to be waited before the next; absent after the last. */
  readonly delayMs?: number;
}

/** Not a symbol of this module alone: another copy of the package must find them too. */
const key = Symbol.for('@sqlflow/resilience.attempts');

/** Attaches them where they disturb nobody. To what takes no property, such as a string, they are not attached. */
export function attachAttempts<E>(error: E, attempts: readonly FailedAttempt[]): E {
  if (typeof error === 'object' && error !== null && Object.isExtensible(error))
    Object.defineProperty(error, key, { value: attempts, configurable: true, writable: true });
  return error;
}

/** The attempts that a `retry` has made before it threw this, in order; `undefined` if none has thrown it. */
export function attemptsOf(error: unknown): readonly FailedAttempt[] | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  return Reflect.get(error, key) as readonly FailedAttempt[] | undefined;
}
