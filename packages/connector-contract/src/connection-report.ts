import { ConnectorError, type ConnectorErrorCode } from './connector-error.js';

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

/** One sentence for a stage, where there is one. */
export type StageMessages = Readonly<Partial<Record<ConnectionStage, string>>>;

/** Where a check ended, and why. */
export interface CheckFailure {
  readonly stage: ConnectionStage;
  readonly error: ConnectorError;
}

export interface CheckOutcome {
  /** What each stage found if it passed. A stage that does not apply has none. */
  readonly findings: StageMessages;
  /** Why a stage without a finding does not apply. @defaultValue a sentence that says no more than that */
  readonly inapplicable?: StageMessages;
  readonly failure?: CheckFailure | undefined;
  readonly server?: string | undefined;
  readonly elapsedMs: number;
}

export function connectionReport(outcome: CheckOutcome): ConnectionReport {
  const { findings, inapplicable, failure, server, elapsedMs } = outcome;
  const failedAt = failure ? connectionStages.indexOf(failure.stage) : connectionStages.length;
  const stages = connectionStages.map((stage, index): StageReport => {
    const skipped = (message: string): StageReport => ({ stage, outcome: 'skipped', message });
    if (failure && index === failedAt) return { stage, outcome: 'failed', message: failure.error.message };
    if (failure && index > failedAt) return skipped(`not tried, since ${failure.stage} failed`);
    const found = findings[stage];
    if (found === undefined) return skipped(inapplicable?.[stage] ?? 'it does not apply');
    return { stage, outcome: 'passed', message: found };
  });
  return {
    ok: failure === undefined,
    stages,
    ...(failure && { failedStage: failure.stage, failureCode: failure.error.code }),
    ...(server !== undefined && { server }),
    elapsedMs,
  };
}

const stageByCode: ReadonlyMap<ConnectorErrorCode, ConnectionStage> = new Map([
  ['tls-failed', 'tls'],
  ['authentication-failed', 'authentication'],
  ['not-found', 'container'],
  ['permission-denied', 'privilege'],
]);

/**
 * Says at which stage a connection failed.
 *
 * @param otherwise - The stage of a terminal error whose code does not name one.
 * @returns `undefined` if there is nothing to report and the error is to be thrown: no server answered, one that did may
 * answer otherwise later, or it is no `ConnectorError`.
 */
export function checkFailure(error: unknown, otherwise: ConnectionStage): CheckFailure | undefined {
  if (!(error instanceof ConnectorError) || error.kind === 'transient') return undefined;
  if (error.code === 'host-not-found' || error.code === 'closed') return undefined;
  return { stage: stageByCode.get(error.code) ?? otherwise, error };
}
