import {
  type ConnectionReport,
  type ConnectionStage,
  connectionStages,
  type ConnectorError,
  type ConnectorErrorCode,
  type StageReport,
} from '@sqlflow/connector-contract';

/** What each stage found when it passed. Stages that do not apply are left out. */
export type Findings = Readonly<Partial<Record<ConnectionStage, string>>>;

export interface CheckOutcome {
  readonly findings: Findings;
  readonly failure?: { readonly stage: ConnectionStage; readonly error: ConnectorError };
  readonly server?: string;
  readonly elapsedMs: number;
}

export function connectionReport({ findings, failure, server, elapsedMs }: CheckOutcome): ConnectionReport {
  const failedAt = failure ? connectionStages.indexOf(failure.stage) : connectionStages.length;
  const stages = connectionStages.map((stage, index): StageReport => {
    const found = findings[stage];
    if (failure && index === failedAt) return { stage, outcome: 'failed', message: failure.error.message };
    if (index > failedAt) return { stage, outcome: 'skipped', message: 'an earlier stage failed' };
    if (found === undefined) return { stage, outcome: 'skipped', message: 'it does not apply' };
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

/** The stage that an error of a server which answered belongs to. Terminal errors that are not listed are of `otherwise`. */
const stageByCode: ReadonlyMap<ConnectorErrorCode, ConnectionStage> = new Map([
  ['tls-failed', 'tls'],
  ['authentication-failed', 'authentication'],
  ['not-found', 'container'],
  ['permission-denied', 'privilege'],
]);

/**
 * Says at which stage a connection failed.
 *
 * @returns `undefined` if no server answered, or one that may answer otherwise later: there is nothing to report then.
 */
export function failedStage(error: ConnectorError, otherwise: ConnectionStage): ConnectionStage | undefined {
  const noReport = error.kind === 'transient' || error.code === 'host-not-found' || error.code === 'closed';
  return noReport ? undefined : (stageByCode.get(error.code) ?? otherwise);
}
