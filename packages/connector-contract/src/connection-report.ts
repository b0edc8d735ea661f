import type { ConnectorErrorCode } from './connector-error.js';

/** The steps of a connection, in the order in which they are tried. */
export const connectionStages = [
  'options',
  'dns',
  'tcp',
  'tls',
  'authentication',
  'container',
  'privilege',
] as const;

/** `container` is what holds the streams: a database, a bucket, a logical Redis database. */
export type ConnectionStage = (typeof connectionStages)[number];

export interface StageReport {
  readonly stage: ConnectionStage;
  /** `skipped`: an earlier stage failed, or the stage does not apply (no TLS asked for). */
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** One sentence for a person: what was found, or what was wrong and what to do. Never a secret. */
  readonly message: string;
}

/** What `testConnection` found. It tells; it does not throw for a wrong password or a missing database. */
export interface ConnectionReport {
  readonly ok: boolean;
  /** In order; after the first failed stage the rest are `skipped`. */
  readonly stages: readonly StageReport[];
  /** The stage that failed, absent when `ok`. */
  readonly failedStage?: ConnectionStage;
  readonly failureCode?: ConnectorErrorCode;
  /** What answered, such as `PostgreSQL 15.18`, absent when nothing did. */
  readonly server?: string;
  readonly elapsedMs: number;
}
