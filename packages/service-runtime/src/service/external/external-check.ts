import { ServiceFailure, type ServiceFailureCode } from '../../failure/service-failure.js';
import type { Endpoint } from '../endpoint.js';
import { endpointVariables } from '../endpoint-variables.js';
import { ObjectStoreRefusal } from '../object-store/object-store-request.js';
import { RedisReplyError } from '../redis/redis-probe.js';
import type { ServiceOffer } from '../running-service.js';
import type { ServiceDefinition } from '../service-definition.js';
import { hostAndPort } from '../variables.js';

/**
 * Reaching a server that already runs takes this long at most, and so does what it is asked to make: on a machine with
 * much else to do, a bucket has taken more than 5 s.
 */
const checkTimeoutMs = 20_000;

/**
 * Checks a server that somebody else runs: that it answers, knows the account, is new enough and lets the account make
 * what tests need. It is never stopped and never emptied.
 *
 * @param variable - The one that names the server, for messages.
 * @throws ServiceFailure `EXTERNAL_…`; or `signal.reason`
 */
export async function checkExternal(
  definition: ServiceDefinition,
  endpoint: Endpoint,
  variable: string,
  signal: AbortSignal,
): Promise<ServiceOffer> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(checkTimeoutMs)]);
  try {
    const version = await (definition.checkExternal?.(endpoint, deadline, variable) ??
      definition.probe(endpoint, deadline));
    return { service: definition.name, provider: 'external', endpoint, version };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ServiceFailure) throw error;
    throw refusal(definition.name, variable, hostAndPort(endpoint), error);
  }
}

/** Answers that are about the account: SQLSTATE class 28, S3's and Redis's words for the same. */
const credentialCodes = new Set(['28P01', '28000', 'InvalidAccessKeyId', 'SignatureDoesNotMatch']);
const credentialReplies = ['-WRONGPASS', '-NOAUTH'];
/** Answers about what a known account may do. */
const privilegeCodes = new Set(['42501', 'AccessDenied']);
const privilegeReply = '-NOPERM';

function refusal(service: string, variable: string, where: string, error: unknown): ServiceFailure {
  const [code, what, ...next] = explain(service, variable, error);
  const summary = `The server named by ${variable} (${where}) ${what}`;
  return new ServiceFailure({ code, service, summary, evidence: [describe(error)], next }, { cause: error });
}

function explain(
  service: string,
  variable: string,
  error: unknown,
): readonly [ServiceFailureCode, string, ...string[]] {
  if (answers(error, credentialCodes, credentialReplies)) {
    const account = endpointVariables(service).account.join(', ');
    return [
      'EXTERNAL_REFUSED_CREDENTIALS',
      'does not accept the account.',
      `Check the user and password: ${account}`,
    ];
  }
  if (isAboutPrivilege(error)) {
    return [
      'EXTERNAL_LACKS_PRIVILEGE',
      'does not let the account do what tests need.',
      'Let an administrator grant it.',
    ];
  }
  return [
    'EXTERNAL_NOT_REACHABLE',
    'cannot be used.',
    `Is it running, and is ${variable} right?`,
    `Unset ${variable} to have one started.`,
  ];
}

/** Whether a server says by this error that a known account may not do what it was asked to. */
export function isAboutPrivilege(error: unknown): boolean {
  return answers(error, privilegeCodes, [privilegeReply]);
}

function answers(error: unknown, codes: ReadonlySet<string>, replies: readonly string[]): boolean {
  if (error instanceof RedisReplyError) return replies.some((prefix) => error.reply.startsWith(prefix));
  if (error instanceof ObjectStoreRefusal) return codes.has(error.code);
  return error instanceof Error && 'code' in error && codes.has(String(error.code));
}

/** Node throws an AggregateError without a message when every address of a name failed. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}
