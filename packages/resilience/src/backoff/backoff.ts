/**
 * Milliseconds to wait after attempt number `failedAttempt` (1 for the first) has failed. `previousMs` is what it gave
 * the last time for this call, 0 at first. It keeps no state: any number of calls may share one.
 */
export type Backoff = (failedAttempt: number, previousMs?: number) => number;
