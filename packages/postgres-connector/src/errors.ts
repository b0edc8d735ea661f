import {
  type Classification,
  classifySocketError,
  ConnectorError,
  type ConnectorErrorCode,
  errorCodeOf,
} from '@sqlflow/connector-contract';
import { DatabaseError } from 'pg';

type Kind = 'transient' | 'terminal';

/** By SQLSTATE where one means something else than its class. */
const bySqlState: ReadonlyMap<string, readonly [ConnectorErrorCode, Kind]> = new Map([
  ['08P01', ['protocol-violation', 'terminal']],
  ['22023', ['invalid-request', 'terminal']], // a parameter of a function or a setting, not a value of a row
  ['22P05', ['unsupported', 'terminal']], // a character that UTF-8, or the database's encoding, does not have
  ['25006', ['permission-denied', 'terminal']], // read-only: the session, or a standby
  ['25P02', ['conflict', 'terminal']], // an earlier statement of the transaction has failed
  ['25P03', ['connection-lost', 'transient']], // idle_in_transaction_session_timeout
  ['25P04', ['timeout', 'transient']], // transaction_timeout
  ['3D000', ['not-found', 'terminal']],
  ['3F000', ['not-found', 'terminal']],
  ['42501', ['permission-denied', 'terminal']],
  ['42703', ['not-found', 'terminal']],
  ['42704', ['not-found', 'terminal']], // a type, a collation, a snapshot …
  ['42883', ['not-found', 'terminal']],
  ['42P01', ['not-found', 'terminal']],
  ['53400', ['invalid-request', 'terminal']], // a limit of the configuration: the same call exceeds it again
  ['55000', ['invalid-request', 'terminal']], // such as a materialised view that was never filled
  ['55006', ['conflict', 'transient']],
  ['55P03', ['conflict', 'transient']],
  ['57014', ['timeout', 'transient']], // statement_timeout, or somebody's pg_cancel_backend
  ['57P01', ['connection-lost', 'transient']],
  ['57P02', ['connection-lost', 'transient']],
  ['57P03', ['unavailable', 'transient']],
  ['57P04', ['not-found', 'terminal']],
  ['57P05', ['connection-lost', 'transient']],
  ['58P01', ['not-found', 'terminal']], // a file of the server, such as that of an extension
]);

/** By the first two characters of the SQLSTATE. */
const byClass: ReadonlyMap<string, readonly [ConnectorErrorCode, Kind]> = new Map([
  ['08', ['connection-lost', 'transient']],
  ['0A', ['unsupported', 'terminal']],
  ['22', ['invalid-data', 'terminal']],
  ['23', ['invalid-data', 'terminal']],
  ['28', ['authentication-failed', 'terminal']],
  ['40', ['conflict', 'transient']],
  ['53', ['unavailable', 'transient']],
  ['57', ['unavailable', 'transient']],
  ['58', ['unavailable', 'transient']],
  ['F0', ['unavailable', 'terminal']], // the server's configuration files
  ['HV', ['unavailable', 'transient']], // a foreign server
  ['XX', ['unavailable', 'terminal']],
]);

/** Classes whose messages quote values of rows. */
const quotesRows: ReadonlySet<string> = new Set(['22', '23', 'P0']);

export function classifySqlState(sqlState: string): Classification {
  const [code, kind] = bySqlState.get(sqlState) ??
    byClass.get(sqlState.slice(0, 2)) ?? ['invalid-request', 'terminal'];
  return { code, kind };
}

/** What an error is when neither the server nor the operating system has classified it. */
export const lostConnection: Classification = { code: 'connection-lost', kind: 'transient' };

/**
 * Explains what `pg` threw. A `ConnectorError` comes out as it is.
 *
 * @param doing - What failed, such as `reading "public"."event"`.
 * @param otherwise - What an error is that has neither SQLSTATE nor errno.
 */
export function toConnectorError(
  error: unknown,
  doing: string,
  otherwise: Classification = lostConnection,
): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (error instanceof DatabaseError && error.code !== undefined) return fromServer(error, error.code, doing);
  const { code, kind } = classifySocketError(error) ?? otherwise;
  const serverCode = errorCodeOf(error);
  const detail = serverCode === undefined ? '' : ` (${serverCode})`;
  return new ConnectorError(code, `${doing} failed: ${described.get(code) ?? code}${detail}`, {
    kind,
    effect: 'none',
    cause: error,
    ...(serverCode !== undefined && { serverCode }),
  });
}

function fromServer(error: DatabaseError, sqlState: string, doing: string): ConnectorError {
  const { code, kind } = classifySqlState(sqlState);
  const said = quotesRows.has(sqlState.slice(0, 2)) ? 'the server refused a value' : error.message;
  return new ConnectorError(code, `${doing} failed: ${said} (SQLSTATE ${sqlState})`, {
    kind,
    effect: 'none',
    cause: error,
    serverCode: sqlState,
  });
}

const described: ReadonlyMap<ConnectorErrorCode, string> = new Map<ConnectorErrorCode, string>([
  ['authentication-failed', 'the server and the client could not agree on who they are'],
  ['connection-lost', 'the connection broke'],
  ['connection-refused', 'connection refused; is a server running there?'],
  ['host-not-found', 'the host name is not known'],
  ['timeout', 'there was no answer in time'],
  ['tls-failed', 'no TLS connection could be made'],
  ['unavailable', 'the host cannot be reached'],
]);

/** What the server said of where an error is. The message may quote values of rows. */
export function serverDetail({ cause }: ConnectorError): {
  readonly column?: string | undefined;
  readonly constraint?: string | undefined;
  readonly message?: string;
} {
  return cause instanceof DatabaseError ? cause : {};
}
