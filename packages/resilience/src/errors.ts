/**
 * What a policy itself has to say. Closed.
 * - `circuit-open`, `rate-limited`, `queue-full`: the call was not made.
 * - `timed-out`: it was made and given up.
 * - `superseded`: why the loser of a hedge was aborted. Only the call sees it.
 */
export type ResilienceErrorCode = 'circuit-open' | 'rate-limited' | 'queue-full' | 'timed-out' | 'superseded';

export interface ResilienceErrorDetail {
  /** After how many milliseconds another try may be let through, where that is known. */
  readonly retryAfterMs?: number;
}

/** Thrown by a policy for what it decided. What a call throws is never turned into one. */
export class ResilienceError extends Error {
  override readonly name = 'ResilienceError';
  /** A later try of the same may be let through. */
  readonly kind = 'transient';
  /** `unknown`: the call was made, and may have had its effect. */
  readonly effect: 'none' | 'unknown';
  readonly retryAfterMs?: number;

  constructor(
    readonly code: ResilienceErrorCode,
    message: string,
    { retryAfterMs }: ResilienceErrorDetail = {},
  ) {
    super(message);
    this.effect = code === 'timed-out' || code === 'superseded' ? 'unknown' : 'none';
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

/** Whether a policy kept the call from being made. */
export function isRejection(error: unknown): error is ResilienceError {
  return error instanceof ResilienceError && error.effect === 'none';
}
