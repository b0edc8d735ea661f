import {
  type Classification,
  classifySocketError,
  ConnectorError,
  type ConnectorErrorCode,
  errorCodeOf,
} from '@sqlflow/connector-contract';

/** What a store answered in place of what was asked for. */
export interface S3Refusal {
  readonly status: number;
  /** The `Code` of the error document, absent where the answer holds none: then it did not come from an S3 store. */
  readonly code?: string;
  /** The store's own sentence. */
  readonly message?: string;
}

const transient = (code: ConnectorErrorCode): Classification => ({ code, kind: 'transient' });
const terminal = (code: ConnectorErrorCode): Classification => ({ code, kind: 'terminal' });

const byS3Code: ReadonlyMap<string, Classification> = new Map([
  ['NoSuchBucket', terminal('not-found')],
  ['NoSuchKey', terminal('not-found')],
  ['AccessDenied', terminal('permission-denied')],
  ['AllAccessDisabled', terminal('permission-denied')],
  ['AccountProblem', terminal('permission-denied')],
  ['InvalidAccessKeyId', terminal('authentication-failed')],
  ['SignatureDoesNotMatch', terminal('authentication-failed')],
  ['InvalidToken', terminal('authentication-failed')],
  ['ExpiredToken', terminal('authentication-failed')],
  ['TokenRefreshRequired', terminal('authentication-failed')],
  ['InvalidSecurity', terminal('authentication-failed')],
  ['NotSignedUp', terminal('authentication-failed')],
  ['RequestTimeTooSkewed', terminal('authentication-failed')],
  ['AuthorizationHeaderMalformed', terminal('authentication-failed')],
  ['SlowDown', transient('throttled')],
  ['SlowDownRead', transient('throttled')],
  ['Throttling', transient('throttled')],
  ['ThrottlingException', transient('throttled')],
  ['RequestLimitExceeded', transient('throttled')],
  ['TooManyRequests', transient('throttled')],
  ['BandwidthLimitExceeded', transient('throttled')],
  ['ServiceUnavailable', transient('unavailable')],
  ['InternalError', transient('unavailable')],
  ['RequestTimeout', transient('timeout')],
  ['OperationAborted', transient('conflict')],
  ['PermanentRedirect', terminal('invalid-request')],
  ['TemporaryRedirect', terminal('invalid-request')],
  ['MethodNotAllowed', terminal('unsupported')],
  ['NotImplemented', terminal('unsupported')],
]);

/** For codes that are not in the list above, and for the answers of proxies, which hold none. */
const byStatus: ReadonlyMap<number, Classification> = new Map([
  [401, terminal('authentication-failed')],
  [403, terminal('permission-denied')],
  [404, terminal('not-found')],
  [408, transient('timeout')],
  [429, transient('throttled')],
  [501, terminal('unsupported')],
]);

/** Says what an answer other than 200 means. `subject` is what was asked for, such as `bucket "orders"`. */
export function refusalError(refusal: S3Refusal, subject: string): ConnectorError {
  const { status, code, message } = refusal;
  const { code: ours, kind } = classifyRefusal(refusal);
  const said =
    code === undefined ? 'without an S3 error document' : `${code}${message ? `: ${message}` : ''}`;
  return new ConnectorError(ours, `${subject}: the store answered HTTP ${String(status)}, ${said}`, {
    kind,
    effect: 'none',
    ...(code !== undefined && { serverCode: code }),
  });
}

function classifyRefusal({ status, code }: S3Refusal): Classification {
  const listed = code === undefined ? undefined : byS3Code.get(code);
  if (listed !== undefined) return listed;
  const general = byStatus.get(status);
  // A 404 page of some web server must not read as "no such bucket": only a transient answer needs no document.
  if (general !== undefined && (code !== undefined || general.kind === 'transient')) return general;
  if (status >= 500) return general ?? transient('unavailable');
  return terminal(code === undefined ? 'protocol-violation' : 'invalid-request');
}

/** Says what went wrong with the connection itself. A `ConnectorError` is returned as it is. */
export function connectionError(error: unknown, place: string): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const errno = errorCodeOf(error);
  // HPE_…: Node's parser of HTTP. There is a server, but not one that speaks HTTP.
  const otherwise = errno?.startsWith('HPE_') ? terminal('protocol-violation') : transient('connection-lost');
  const { code, kind } = classifySocketError(error) ?? otherwise;
  return new ConnectorError(code, `${place}: ${explanations.get(code) ?? 'the connection failed'}`, {
    kind,
    effect: 'none',
    cause: error,
    ...(errno !== undefined && { serverCode: errno }),
  });
}

const explanations: ReadonlyMap<ConnectorErrorCode, string> = new Map([
  ['connection-refused', 'connection refused; nothing listens there'],
  ['host-not-found', 'the host name has no address'],
  ['connection-lost', 'the connection was lost'],
  ['tls-failed', 'TLS could not be set up; see the cause, and the options useTls and certificateAuthority'],
  ['protocol-violation', 'the server does not speak HTTP; see the option useTls'],
  ['timeout', 'the connection timed out'],
  ['unavailable', 'the host cannot be reached'],
]);

/** `text` is not what the protocol allows; where is told by `where`, never by quoting the answer. */
export function protocolError(where: string, cause?: unknown): ConnectorError {
  return new ConnectorError('protocol-violation', `the store's answer is malformed: ${where}`, {
    kind: 'terminal',
    effect: 'none',
    ...(cause !== undefined && { cause }),
  });
}
