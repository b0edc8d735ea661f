import { errorCodeOf, HarnessError, type HarnessErrorCode } from '../harness-error.js';

/** What the operating system says of a connection that cannot be made or kept. */
const byErrno: readonly (readonly [string, HarnessErrorCode])[] = [
  ['ECONNREFUSED', 'service-unavailable'],
  ['ECONNRESET', 'service-unavailable'],
  ['EPIPE', 'service-unavailable'],
  ['ETIMEDOUT', 'service-unavailable'],
  ['EHOSTUNREACH', 'service-unavailable'],
  ['ENETUNREACH', 'service-unavailable'],
  ['ENOTFOUND', 'service-unavailable'],
  ['EAI_AGAIN', 'service-unavailable'],
];

export const postgresCodes: ReadonlyMap<string, HarnessErrorCode> = new Map([
  ...byErrno,
  ['53300', 'service-unavailable'], // too many connections
  ['57P01', 'service-unavailable'], // the server is shutting down
  ['57P03', 'service-unavailable'], // the server is starting
  ['28000', 'authentication-failed'],
  ['28P01', 'authentication-failed'],
  ['42501', 'permission-denied'],
  ['42601', 'server-too-old'], // it does not know STRATEGY, which came with PostgreSQL 15
  ['3D000', 'template-missing'],
  ['55006', 'template-in-use'],
]);

export const objectStoreCodes: ReadonlyMap<string, HarnessErrorCode> = new Map([
  ...byErrno,
  ['InvalidAccessKeyId', 'authentication-failed'],
  ['SignatureDoesNotMatch', 'authentication-failed'],
  ['AccessDenied', 'permission-denied'],
  ['TooManyBuckets', 'refused'],
  ['SlowDown', 'service-unavailable'],
  ['ServiceUnavailable', 'service-unavailable'],
]);

export const redisCodes: ReadonlyMap<string, HarnessErrorCode> = new Map([
  ...byErrno,
  ['LOADING', 'service-unavailable'],
  ['NOAUTH', 'authentication-failed'],
  ['WRONGPASS', 'authentication-failed'],
  ['NOPERM', 'permission-denied'],
]);

/**
 * Says what failed, where, and what the server called it. A HarnessError is passed on as it is.
 *
 * @param doing - What failed: "leasing a bucket".
 * @param where - On which server, without secrets: "redis at localhost:6379".
 */
export function explain(
  error: unknown,
  { doing, where, codes }: { doing: string; where: string; codes: ReadonlyMap<string, HarnessErrorCode> },
): HarnessError {
  if (error instanceof HarnessError) return error;
  // Node tries every address of a name, and reports them together.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const serverCode = errorCodeOf(first) ?? replyPrefixOf(first);
  const code = serverCode === undefined ? undefined : codes.get(serverCode);
  const text = first instanceof Error ? first.message : String(first);
  // Ceph's S3 store says the code and nothing more.
  const isCodeInText = serverCode === undefined || text.includes(serverCode);
  const said = text === '' ? String(serverCode) : isCodeInText ? text : `${text} (${serverCode})`;
  return new HarnessError(code ?? 'refused', `${doing} failed on ${where}: ${said}`, { cause: error });
}

/** Redis has no code beside the text: the first word of its answer is the code. */
function replyPrefixOf(error: unknown): string | undefined {
  return error instanceof Error && error.name === 'ReplyError'
    ? /^[A-Z]+/.exec(error.message)?.[0]
    : undefined;
}
