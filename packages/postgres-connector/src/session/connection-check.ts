import {
  type CheckFailure,
  checkFailure,
  type CheckOutcome,
  type ConnectionReport,
  connectionReport,
  type ConnectionStage,
  ConnectorError,
  type StageMessages,
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
  const report = (outcome: Pick<CheckOutcome, 'failure' | 'server'>): ConnectionReport =>
    connectionReport({
      findings: findings(settings),
      inapplicable,
      ...outcome,
      elapsedMs: clock.nowMs() - startMs,
    });
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await client.connect();
    const doing = 'asking for the privileges';
    const [version] = await session.query({ sql: 'SHOW server_version', parameters: [] }, doing, signal);
    const schemas = await session.query(checkSchemas, doing, signal, { commit: true });
    const server = `PostgreSQL ${version?.['server_version']?.split(' ')[0] ?? ''}`;
    return report({ failure: privilegeFailure(schemas), server });
  } catch (error) {
    signal?.throwIfAborted();
    // The server may refuse a role or a database at a later point than the stage they belong to.
    const failure = answered(client.stage) ? checkFailure(error, client.stage) : undefined;
    if (failure === undefined) throw error;
    return report({ failure });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await session.close();
    await ended(client, clock);
  }
}

function answered(stage: ConnectionStage): boolean {
  return stage !== 'dns' && stage !== 'tcp';
}

function privilegeFailure(schemas: readonly TextRow[]): CheckFailure | undefined {
  const missing = schemas.find(({ found }) => found !== 't');
  const closed = schemas.find(({ usable }) => usable !== 't');
  const failure = (code: 'not-found' | 'permission-denied', message: string): CheckFailure => ({
    stage: 'privilege',
    error: new ConnectorError(code, message, { kind: 'terminal', effect: 'none' }),
  });
  if (missing !== undefined) {
    return failure('not-found', `there is no schema ${JSON.stringify(missing['name'])} in the database`);
  }
  if (closed !== undefined) {
    const name = JSON.stringify(closed['name']);
    const message = `the role may not use the schema ${name}; it needs GRANT USAGE ON SCHEMA`;
    return failure('permission-denied', message);
  }
  return undefined;
}

function findings(settings: ConnectionSettings): StageMessages {
  const { host, user, database, tls } = settings;
  const encryption = encrypted.get(tls.mode);
  return {
    options: 'the options are valid',
    ...(!host.startsWith('/') && { dns: `${host} has an address` }),
    tcp: `${addressText(settings)} takes connections`,
    ...(encryption !== undefined && { tls: encryption }),
    authentication: `the server knows the role ${JSON.stringify(user)}`,
    container: `the database ${JSON.stringify(database)} takes connections`,
    privilege: 'the schemas can be used',
  };
}

const encrypted: ReadonlyMap<string, string> = new Map([
  [
    'require',
    'encrypted, but the certificate was not checked (tls: require): who can come in between can listen',
  ],
  [
    'verify-ca',
    'encrypted, and a trusted authority vouches for the certificate; its name was not checked (tls: verify-ca)',
  ],
  ['verify-full', 'encrypted, and the certificate is in order'],
]);

const inapplicable: StageMessages = {
  dns: 'a Unix socket has no name to look up',
  tls: 'TLS is not asked for (tls)',
};

/** Waits for the goodbye, so that the server has forgotten this connection when the report is there. */
async function ended(client: SessionClient, clock: Clock): Promise<void> {
  const waited = new AbortController();
  const bound = clock.sleep(endBound, waited.signal).catch(() => undefined);
  await Promise.race([client.end(), bound]);
  waited.abort();
  client.destroy();
}
