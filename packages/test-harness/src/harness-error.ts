/** Everything that can go wrong in the harness itself. Closed: a new code is a change of this package's contract. */
export type HarnessErrorCode =
  /** An option, or a variable of the environment, that has no meaning. */
  | 'invalid-option'
  /** The service is not to be had, or does not answer where it is said to be. */
  | 'service-unavailable'
  | 'authentication-failed'
  | 'permission-denied'
  | 'server-too-old'
  | 'template-missing'
  | 'template-in-use'
  /** The set-up of a template has thrown, which is the `cause`. */
  | 'template-failed'
  /** A test has left something behind in its lease: connections, transactions, locks, uploads, keys. */
  | 'leaked'
  | 'timeout'
  /** What is asked for cannot be done here: not by the service, its provider or this machine, or not on this link. */
  | 'unsupported'
  /** A trigger of a link has not acted as it was to. */
  | 'not-fired'
  /** It would break a server that somebody else runs. */
  | 'not-ours'
  /** The lease has been given back already. */
  | 'closed'
  /** The server refused for another reason, which is the `cause`. */
  | 'refused';

/**
 * The one error of this package. An abort is not one of them: it surfaces as `signal.reason`.
 * The message names service and address, and never a password.
 */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';

  constructor(
    readonly code: HarnessErrorCode,
    message: string,
    detail: { readonly cause?: unknown } = {},
  ) {
    super(`[${code}] ${message}`, detail);
  }
}

/** The `code` that Node and the clients put on their errors: an errno name, a SQLSTATE or an S3 code. */
export function errorCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What an error says. Asked by its shape: under Jest, those of Node are of another realm, and no `Error` of ours. */
export function messageOf(error: unknown): string {
  const isError = typeof error === 'object' && error !== null && 'message' in error;
  return isError && typeof error.message === 'string' ? error.message : String(error);
}
