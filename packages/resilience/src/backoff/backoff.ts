/**
 * Milliseconds to wait after attempt number `failedAttempt` (1 for the first) has failed.
 * It keeps no state: any number of calls may share one.
 */
export type Backoff = (failedAttempt: number) => number;
