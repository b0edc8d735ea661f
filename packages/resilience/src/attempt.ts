/** One try of a call. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Aborts when the policy gives this attempt up. `undefined` if nothing can: no signal was given and no limit set. */
  readonly signal: AbortSignal | undefined;
}

/** The work that a policy guards. It may be called more than once; at the same time only by `hedge`. */
export type Call<T> = (attempt: Attempt) => Promise<T>;

/** Makes a call. What it throws at once is a rejection like any other. */
export function invoke<T>(call: Call<T>, attempt: Attempt): Promise<T> {
  try {
    return call(attempt);
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * An attempt that can be given up by itself. Its signal is made when it is asked for: an `AbortController` and its
 * listener take longer than all the rest of a policy, and most calls do not look at their signal in time.
 */
export class OwnAttempt implements Attempt {
  #controller: AbortController | undefined;
  #given: { readonly reason: unknown } | undefined;
  #listeners: Set<() => void> | undefined;

  constructor(readonly number: number) {}

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#given !== undefined) this.#controller.abort(this.#given.reason);
    }
    return this.#controller.signal;
  }

  /** Why it was given up; `undefined` while it was not. */
  get givenUp(): { readonly reason: unknown } | undefined {
    return this.#given;
  }

  giveUp(reason: unknown): void {
    if (this.#given !== undefined) return;
    this.#given = { reason };
    this.#controller?.abort(reason);
    for (const listener of this.#listeners ?? []) listener();
  }

  on(listener: () => void): () => void {
    const listeners = (this.#listeners ??= new Set());
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
}

/** Why an attempt was aborted; `undefined` while it was not. Does not make a signal that nobody has asked for. */
export function abortOf(attempt: Attempt): { readonly reason: unknown } | undefined {
  if (attempt instanceof OwnAttempt) return attempt.givenUp;
  const { signal } = attempt;
  return signal?.aborted === true ? { reason: signal.reason } : undefined;
}

const nothing = (): void => undefined;

/** Calls `listener` when the attempt is aborted later. @returns what ends that */
export function onAbort(attempt: Attempt, listener: () => void): () => void {
  if (attempt instanceof OwnAttempt) return attempt.on(listener);
  const { signal } = attempt;
  if (signal === undefined) return nothing;
  signal.addEventListener('abort', listener, { once: true });
  return () => {
    signal.removeEventListener('abort', listener);
  };
}
