import { appendFileSync } from 'node:fs';

/**
 * What happened to tests and leases, for whoever draws a picture of a run: one JSON document a line, appended to the file
 * that `TEST_EVENTS_FILE` names. Every line has `at` (milliseconds since 1970, UTC), `pid` and `event`. Names, places and
 * times: no account, no row, no password.
 */
export type TestEvent =
  /** A Jest run has its services. `startedInMs` is missing for one that ran already. */
  | { readonly event: 'services-leased'; readonly holder: string; readonly services: readonly EventService[] }
  /** It lacks one, or all of them if there is no `service`. */
  | {
      readonly event: 'service-failed';
      readonly code: string;
      readonly service?: string;
      readonly summary: string;
    }
  | { readonly event: 'services-returned'; readonly holder: string }
  | {
      readonly event: 'lease-taken';
      readonly kind: LeaseKind;
      readonly name: string;
      readonly tookMs: number;
    }
  | {
      readonly event: 'lease-returned';
      readonly kind: LeaseKind;
      readonly name: string;
      readonly tookMs: number;
    }
  /** Not given back, since `TEST_KEEP_LEASES` is set, or `KEEP_FAILED` and its test failed: it stays on the server. */
  | { readonly event: 'lease-kept'; readonly kind: LeaseKind; readonly name: string }
  /** From here on by the reporter. `files` are those that will run, `file` is an absolute path. */
  | { readonly event: 'run-started'; readonly project: string; readonly files: number }
  | { readonly event: 'file-started'; readonly project: string; readonly file: string }
  | {
      readonly event: 'test-ended';
      readonly project: string;
      readonly file: string;
      readonly name: string;
      readonly status: string;
      readonly tookMs: number;
    }
  | { readonly event: 'file-ended'; readonly project: string; readonly file: string; readonly failed: number }
  | { readonly event: 'run-ended'; readonly project: string };

export type LeaseKind = 'database' | 'schema' | 'bucket' | 'keyspace';

export interface EventService {
  readonly service: string;
  readonly provider: string;
  readonly version: string;
  /** `host:port` */
  readonly address: string;
  readonly startedInMs?: number | undefined;
}

const keepVariable = 'TEST_KEEP_LEASES';
const keepFailedVariable = 'KEEP_FAILED';

/** The variable that names the file. Without it nothing is recorded. */
export const eventsVariable = 'TEST_EVENTS_FILE';

/**
 * Appends one event, if anybody wants them. Any number of processes may write to one file: a line is one write in append
 * mode, which the system does not part. Never throws, as no test may fail of it: a file that cannot be written is a
 * process warning, `TEST_EVENTS`.
 */
export function recordEvent(event: TestEvent): void {
  // The one place that reads this variable, and the time of an event.
  const file = process.env[eventsVariable];
  if (file === undefined || file === '') return;
  const line = JSON.stringify({ at: nowMs(), pid: process.pid, ...event, ...whichTest(event) });
  try {
    appendFileSync(file, `${line}\n`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.emitWarning(`${eventsVariable}: ${reason}`, { code: 'TEST_EVENTS' });
  }
}

/** Whether a test leaves its leases on the server, to be looked at: where `TEST_KEEP_LEASES` is `true`. */
export function keepsLeases(): boolean {
  return process.env[keepVariable] === 'true';
}

/** Whether a failed test leaves its leases on the server: where `KEEP_FAILED` is `1` or `true`. */
export function keepsFailed(): boolean {
  return ['1', 'true'].includes(process.env[keepFailedVariable] ?? '');
}

/** The time of day, in milliseconds since 1970. */
export function nowMs(): number {
  return Date.now();
}

/** Milliseconds since it was made, to be asked once or more. */
export function stopwatch(): () => number {
  const startedAt = performance.now();
  return () => Math.round(performance.now() - startedAt);
}

/** Which test does it, where Jest says so: in a hook of a whole suite it names the file alone. */
function whichTest({ event }: TestEvent): { readonly file?: string; readonly test?: string } {
  if (!event.startsWith('lease-')) return {};
  const { expect } = globalThis as {
    expect?: { getState?: () => { testPath?: string; currentTestName?: string } };
  };
  const { testPath, currentTestName } = expect?.getState?.() ?? {};
  return {
    ...(testPath !== undefined && { file: testPath }),
    ...(currentTestName !== undefined && { test: currentTestName }),
  };
}
