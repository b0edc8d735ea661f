/** One try of a call. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Aborts when the policy gives this attempt up. `undefined` if nothing can: no signal was given and no limit set. */
  readonly signal: AbortSignal | undefined;
}

/** The work that a policy guards. It may be called more than once, but never twice at the same time. */
export type Call<T> = (attempt: Attempt) => Promise<T>;

/**
 * Makes a call under a rule, and gives its result.
 *
 * @throws What the call threw, as it was, never wrapped.
 * @throws `signal.reason` if `signal` aborts first; no further attempt is made after that.
 */
export type Policy = <T>(call: Call<T>, signal?: AbortSignal) => Promise<T>;
