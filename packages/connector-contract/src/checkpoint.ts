/** What survives `JSON.stringify` and `JSON.parse` unchanged. Integers beyond 2^53 are texts. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * Where a read stands: everything up to here has been handed over, and nothing beyond it. It goes through JSON unchanged,
 * holds no secret, and does not grow with what has been read. What reads it must find the same place after any restart.
 */
export interface Checkpoint {
  /** What wrote it, such as `postgres/incremental`. A source refuses a format that it does not know, `invalid-option`. */
  readonly format: string;
  /** Of that format, from 1. A source refuses a version that it does not know. */
  readonly version: number;
  /** For its format alone to understand. */
  readonly position: Json;
}
