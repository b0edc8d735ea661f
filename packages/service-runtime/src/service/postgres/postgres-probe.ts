import type { PostgresEndpoint } from '../endpoint.js';
import type { Probe } from '../until-ready.js';

/** Nobody waits for longer for a connection, or for the answer to one query. Who probes gives up sooner. */
const answerTimeoutMs = 20_000;

/**
 * Loading the client takes 60 ms of processor time, so it is left until it is needed; a launcher has it loaded while the
 * data folder is being copied.
 */
export const loadClient = (): Promise<typeof import('pg')> => import('pg');

/** Signs in as a client would and asks for the version: a PostgreSQL that is still starting up refuses both. */
export const probePostgres: Probe<PostgresEndpoint> = async (endpoint, signal) => {
  const [row] = await queryPostgres(endpoint, `SELECT current_setting('server_version') AS version`, signal);
  return `PostgreSQL ${String(row?.['version']).replace(/ .*/, '')}`;
};

/**
 * One query on a connection of its own.
 *
 * @throws the error of `pg`, with the server's SQLSTATE in `code`; or `signal.reason`
 */
export async function queryPostgres(
  endpoint: PostgresEndpoint,
  sql: string,
  signal: AbortSignal,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { default: pg } = await loadClient();
  signal.throwIfAborted();
  const client = new pg.Client({
    ...endpoint,
    connectionTimeoutMillis: answerTimeoutMs,
    query_timeout: answerTimeoutMs,
    application_name: 'sqlflow-services probe',
  });
  client.on('error', () => undefined); // the query that it broke rejects
  let abandon = (): void => undefined;
  // Raced, because a connect whose socket was destroyed never settles.
  const abandoned = new Promise<never>((_, reject) => {
    abandon = () => {
      client.connection.stream.destroy();
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
  });
  abandoned.catch(() => undefined);
  signal.addEventListener('abort', abandon, { once: true });
  const answered = (async () => {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  })();
  answered.catch(() => undefined); // an abort may have been faster
  try {
    return await Promise.race([answered, abandoned]);
  } finally {
    signal.removeEventListener('abort', abandon);
    // Not awaited: the answer is here, and a server that does not say goodbye must not hold us up.
    client.end().catch(() => undefined);
  }
}
