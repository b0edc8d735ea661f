import {
  type ConnectionReport,
  type ConnectionStage,
  connectionStages,
  ConnectorError,
  isTransient,
  type StageReport,
} from '@sqlflow/connector-contract';
import type { Clock } from '@sqlflow/resilience';
import { addressText, type ConnectionSettings } from './connection-settings.js';
import type { Query, TextRow } from './query.js';
import { Session } from './session.js';
import { SessionClient } from './session-client.js';

const endBound = 5_000;

/**
 * Connects once, on a connection of its own, and says how far it came.
 *
 * @param checkSchemas - A query with a row `{ name, found, usable }` for each schema that must be there.
 * @throws ConnectorError if no server answered, or one that may answer otherwise soon.
 */
export async function checkConnection(
  settings: ConnectionSettings,
  checkSchemas: Query,
  clock: Clock,
  signal?: AbortSignal,
): Promise<ConnectionReport> {
  const startMs = clock.nowMs();
  const client = new SessionClient(settings, clock);
  const session = new Session(client, () => undefined, settings, clock);
  const onAbort = (): void => {
    client.destroy();
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await client.connect();
    const doing = 'asking for the privileges';
    const [version] = await session.query({ sql: 'SHOW server_version', parameters: [] }, doing, signal);
    const schemas = await session.query(checkSchemas, doing, signal);
    const server = `PostgreSQL ${version?.['server_version']?.split(' ')[0] ?? ''}`;
    return { ...privilegeReport(settings, schemas), server, elapsedMs: clock.nowMs() - startMs };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ConnectorError) || isTransient(error) || !answered(client.stage)) throw error;
    const stage = stageOf(error, client.stage);
    return { ...failedAt(settings, stage, error), elapsedMs: clock.nowMs() - startMs };
  } finally {
    signal?.removeEventListener('abort', onAbort);
    session.close();
    await ended(client, clock);
  }
}

function answered(stage: ConnectionStage): boolean {
  return stage !== 'dns' && stage !== 'tcp';
}

/** The server may refuse a role or a database at a later point than the stage they belong to. */
function stageOf({ code }: ConnectorError, reached: ConnectionStage): ConnectionStage {
  if (code === 'authentication-failed') return 'authentication';
  if (code === 'permission-denied') return 'privilege';
  if (code === 'not-found') return 'container';
  return reached;
}

function privilegeReport(
  settings: ConnectionSettings,
  schemas: readonly TextRow[],
): Omit<ConnectionReport, 'elapsedMs'> {
  const missing = schemas.find(({ found }) => found !== 't');
  const closed = schemas.find(({ usable }) => usable !== 't');
  const failure = (code: 'not-found' | 'permission-denied', message: string): ConnectorError =>
    new ConnectorError(code, message, { kind: 'terminal', effect: 'none' });
  if (missing !== undefined) {
    const message = `there is no schema ${JSON.stringify(missing['name'])} in the database`;
    return failedAt(settings, 'privilege', failure('not-found', message));
  }
  if (closed !== undefined) {
    const name = JSON.stringify(closed['name']);
    const message = `the role may not use the schema ${name}; it needs GRANT USAGE ON SCHEMA`;
    return failedAt(settings, 'privilege', failure('permission-denied', message));
  }
  return { ok: true, stages: connectionStages.map((stage) => passedOrSkipped(settings, stage)) };
}

function failedAt(
  settings: ConnectionSettings,
  failedStage: ConnectionStage,
  error: ConnectorError,
): Omit<ConnectionReport, 'elapsedMs'> {
  const failedIndex = connectionStages.indexOf(failedStage);
  const stages = connectionStages.map((stage, index): StageReport => {
    if (index < failedIndex) return passedOrSkipped(settings, stage);
    if (index === failedIndex) return { stage, outcome: 'failed', message: error.message };
    return { stage, outcome: 'skipped', message: `not tried, since ${failedStage} failed` };
  });
  return { ok: false, stages, failedStage, failureCode: error.code };
}

function passedOrSkipped(settings: ConnectionSettings, stage: ConnectionStage): StageReport {
  const { host, user, database, tls } = settings;
  const isPath = host.startsWith('/');
  const skipped = (message: string): StageReport => ({ stage, outcome: 'skipped', message });
  const passed = (message: string): StageReport => ({ stage, outcome: 'passed', message });
  switch (stage) {
    case 'options':
      return passed('the options are valid');
    case 'dns':
      return isPath ? skipped('a Unix socket has no name to look up') : passed(`${host} has an address`);
    case 'tcp':
      return passed(`${addressText(settings)} takes connections`);
    case 'tls':
      if (tls === false) return skipped('TLS is not asked for (tls)');
      return tls.rejectUnauthorized
        ? passed('encrypted, and the certificate is in order')
        : passed('encrypted, but the certificate was not checked (rejectUnauthorized)');
    case 'authentication':
      return passed(`the server knows the role ${JSON.stringify(user)}`);
    case 'container':
      return passed(`the database ${JSON.stringify(database)} takes connections`);
    case 'privilege':
      return passed('the schemas can be used');
  }
}

/** Waits for the goodbye, so that the server has forgotten this connection when the report is there. */
async function ended(client: SessionClient, clock: Clock): Promise<void> {
  const waited = new AbortController();
  const bound = clock.sleep(endBound, waited.signal).catch(() => undefined);
  await Promise.race([client.end(), bound]);
  waited.abort();
  client.destroy();
}
