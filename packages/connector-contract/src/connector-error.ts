/** Everything that can go wrong in a connector. Closed: a new code is a change of this contract. */
export type ConnectorErrorCode =
  | 'invalid-option'
  | 'host-not-found'
  | 'connection-refused'
  | 'connection-lost'
  | 'tls-failed'
  | 'authentication-failed'
  | 'permission-denied'
  | 'not-found'
  | 'unavailable'
  | 'throttled'
  | 'timeout'
  | 'conflict'
  | 'invalid-request'
  | 'invalid-data'
  | 'unsupported'
  | 'protocol-violation'
  | 'closed';

export interface ConnectorErrorDetail {
  /** `transient`: the same call may succeed later. `terminal`: it never will. */
  readonly kind: 'transient' | 'terminal';
  /** `unknown`: the server may have applied the write before the link broke. */
  readonly effect: 'none' | 'unknown';
  /** The error of the driver or the operating system that this one explains. */
  readonly cause?: unknown;
  /** What the server itself called it: a SQLSTATE, an S3 error code, a RESP error prefix or an errno name. */
  readonly serverCode?: string;
}

/**
 * The one error that connectors throw for what the world did to them.
 * An abort is not one of them: it surfaces as `signal.reason`.
 * The message never holds a password, a row or a signed URL.
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly kind: 'transient' | 'terminal';
  readonly effect: 'none' | 'unknown';
  readonly serverCode: string | undefined;

  constructor(
    readonly code: ConnectorErrorCode,
    message: string,
    detail: ConnectorErrorDetail,
  ) {
    super(`[${code}] ${message}`, 'cause' in detail ? { cause: detail.cause } : undefined);
    this.kind = detail.kind;
    this.effect = detail.effect;
    this.serverCode = detail.serverCode;
  }
}

/** Says whether a failed call may be made again: only a `ConnectorError` that says so itself. */
export function isTransient(error: unknown): boolean {
  return error instanceof ConnectorError && error.kind === 'transient';
}
