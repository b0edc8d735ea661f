import { ServiceFailure, type ServiceFailureCode } from '../../failure/service-failure.js';
import type { Endpoints } from '../endpoint.js';
import { locatingVariables } from '../endpoint-variables.js';
import { probeObjectStore } from '../object-store/object-store-probe.js';
import { queryPostgres } from '../postgres/postgres-probe.js';
import { RedisReplyError, askRedis } from '../redis/redis-probe.js';
import type { ServiceOffer } from '../running-service.js';
import type { ServiceName } from '../service-name.js';

/** The oldest servers that the harness can work with, and why. */
export const oldestVersions = {
  /** CREATE DATABASE … STRATEGY is new in 15. */
  postgres: 15,
  /** ACL users are new in 6. */
  redis: 6,
} as const;

/** Reaching a server that already runs takes this long at most. */
const checkTimeoutMs = 10_000;

/**
 * Checks a server that somebody else runs: that it answers, knows the account, is new enough and lets the account make
 * what tests need. It is never stopped and never emptied.
 *
 * @throws ServiceFailure `EXTERNAL_…`; or `signal.reason`
 */
export async function checkExternal<N extends ServiceName>(
  service: N,
  endpoint: Endpoints[N],
  signal: AbortSignal,
  oldest: Readonly<Record<keyof typeof oldestVersions, number>> = oldestVersions,
): Promise<ServiceOffer<N>> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(checkTimeoutMs)]);
  const where = `${endpoint.host}:${String(endpoint.port)}`;
  try {
    const check: (known: Endpoints[N], until: AbortSignal, least: typeof oldest) => Promise<string> =
      checks[service];
    return { service, provider: 'external', endpoint, version: await check(endpoint, deadline, oldest) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ServiceFailure) throw error;
    if (isAboutPrivilege(error)) throw lacksPrivilege(service, describe(error), remedies[service]);
    throw refusal(service, where, error);
  }
}

const checks: {
  readonly [N in ServiceName]: (
    endpoint: Endpoints[N],
    signal: AbortSignal,
    oldest: Readonly<Record<keyof typeof oldestVersions, number>>,
  ) => Promise<string>;
} = {
  async postgres(endpoint, signal, oldest) {
    const sql = `SELECT current_setting('server_version') AS version, rolsuper OR rolcreatedb AS allowed
                 FROM pg_roles WHERE rolname = current_user`;
    const [row] = await queryPostgres(endpoint, sql, signal);
    const version = String(row?.['version']).replace(/ .*/, '');
    requireVersion('postgres', `PostgreSQL ${version}`, Number.parseInt(version, 10), oldest.postgres);
    if (row?.['allowed'] !== true) {
      throw lacksPrivilege(
        'postgres',
        `role ${endpoint.user} may not create databases`,
        `ALTER ROLE "${endpoint.user}" CREATEDB`,
      );
    }
    return `PostgreSQL ${version}`;
  },
  async redis(endpoint, signal, oldest) {
    const { version } = await askRedis(endpoint, signal);
    requireVersion('redis', version, Number.parseInt(version.replace('Redis ', ''), 10), oldest.redis);
    return version;
  },
  'object-store': probeObjectStore,
};

function requireVersion(service: ServiceName, found: string, major: number, oldest: number): void {
  if (major >= oldest) return;
  throw new ServiceFailure({
    code: 'EXTERNAL_TOO_OLD',
    service,
    summary: `The server named by ${locatingVariables[service]} is ${found}; version ${String(oldest)} or newer is needed.`,
    evidence: [found],
    next: [`Name a newer server, or unset ${locatingVariables[service]} to have one started.`],
  });
}

function lacksPrivilege(service: ServiceName, evidence: string, remedy: string): ServiceFailure {
  return new ServiceFailure({
    code: 'EXTERNAL_LACKS_PRIVILEGE',
    service,
    summary: `The account on the server named by ${locatingVariables[service]} may not do what tests need.`,
    evidence: [evidence],
    next: [`Let an administrator grant it: ${remedy}`],
  });
}

/** Answers that are about the account: SQLSTATE class 28, S3's and Redis's words for the same. */
const credentialCodes = new Set(['28P01', '28000', 'InvalidAccessKeyId', 'SignatureDoesNotMatch']);
const credentialReplies = ['-WRONGPASS', '-NOAUTH'];
/** Answers about what a known account may do. */
const privilegeCodes = new Set(['42501', 'AccessDenied']);
const privilegeReply = '-NOPERM';

function refusal(service: ServiceName, where: string, error: unknown): ServiceFailure {
  const aboutAccount = isAboutAccount(error);
  const code: ServiceFailureCode = aboutAccount ? 'EXTERNAL_REFUSED_CREDENTIALS' : 'EXTERNAL_NOT_REACHABLE';
  const variable = locatingVariables[service];
  return new ServiceFailure(
    {
      code,
      service,
      summary: aboutAccount
        ? `The server named by ${variable} (${where}) does not accept the account.`
        : `The server named by ${variable} (${where}) cannot be used.`,
      evidence: [describe(error)],
      next: aboutAccount
        ? [`Check the user and password: ${accountVariables[service]}`]
        : [`Is it running, and is ${variable} right?`, `Unset ${variable} to have one started.`],
    },
    { cause: error },
  );
}

const remedies: Readonly<Record<ServiceName, string>> = {
  postgres: 'ALTER ROLE … CREATEDB',
  'object-store': 'a policy that allows s3:ListAllMyBuckets and s3:CreateBucket',
  redis: 'ACL SETUSER … +@all ~*',
};

const accountVariables: Readonly<Record<ServiceName, string>> = {
  postgres: 'TEST_POSTGRES_USER, TEST_POSTGRES_PASSWORD',
  'object-store': 'TEST_MINIO_ACCESS_KEY, TEST_MINIO_SECRET_KEY',
  redis: 'TEST_REDIS_USERNAME, TEST_REDIS_PASSWORD',
};

function isAboutAccount(error: unknown): boolean {
  return answers(error, credentialCodes, credentialReplies);
}

function isAboutPrivilege(error: unknown): boolean {
  return answers(error, privilegeCodes, [privilegeReply]);
}

function answers(error: unknown, codes: ReadonlySet<string>, replies: readonly string[]): boolean {
  if (error instanceof RedisReplyError) return replies.some((prefix) => error.reply.startsWith(prefix));
  return error instanceof Error && 'code' in error && codes.has(String(error.code));
}

/** Node throws an AggregateError without a message when every address of a name failed. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}
