import {
  certificates,
  flag,
  hostName,
  parseOptions,
  type RetryLimits,
  retryLimits,
  type Secret,
  secret,
  text,
  wholeNumber,
} from '@sqlflow/connector-contract';
import { longestSleepMs } from '@sqlflow/resilience';
import { z } from 'zod';

export interface RedisEndpoint {
  /** A name or an address, without scheme, port or path. An IPv6 address comes without brackets. */
  readonly host: string;
  /** @defaultValue 6379 */
  readonly port?: number;
  /** Certificates are always checked. @defaultValue false, as Redis itself */
  readonly useTls?: boolean;
}

export interface RedisSourceOptions {
  readonly endpoint: RedisEndpoint;
  /** Needs a password. @defaultValue Redis' user `default` */
  readonly username?: string;
  readonly password?: string | Secret;
  /** The number of the logical database, 0 to 65_535; servers have 16 unless told otherwise. @defaultValue 0 */
  readonly database?: number;
  /** Certificates, PEM, of the authorities to trust in place of those that Node comes with. */
  readonly certificateAuthority?: string;
  /** Milliseconds to find the host, connect and agree on TLS, 1 to 2_147_483_647. @defaultValue 10_000 */
  readonly connectTimeoutMs?: number;
  /** Milliseconds to the reply of one command, 1 to 2_147_483_647. @defaultValue 30_000 */
  readonly commandTimeoutMs?: number;
  /** For transient failures only. */
  readonly retry?: RetryLimits;
}

const schema = z
  .strictObject(
    {
      endpoint: z.strictObject(
        {
          host: hostName(),
          port: wholeNumber(1, 65_535).default(6379),
          useTls: flag().default(false),
        },
        { error: 'must be an object { host, port, useTls }' },
      ),
      username: text().optional(),
      password: secret().optional(),
      database: wholeNumber(0, 65_535).default(0),
      certificateAuthority: certificates().optional(),
      connectTimeoutMs: wholeNumber(1, longestSleepMs).default(10_000),
      commandTimeoutMs: wholeNumber(1, longestSleepMs).default(30_000),
      retry: retryLimits(),
    },
    { error: 'must be an object' },
  )
  .check(({ value, issues }) => {
    if (value.username === undefined || value.password !== undefined) return;
    const message = 'must come together with a password';
    issues.push({ code: 'custom', path: ['username'], input: value.username, message });
  })
  .readonly();

export type ResolvedRedisSourceOptions = z.output<typeof schema>;

/** @throws ConnectorError `invalid-option` naming each option that is wrong, its value and its range. */
export function resolveRedisSourceOptions(given: RedisSourceOptions): ResolvedRedisSourceOptions {
  return parseOptions(schema, given);
}

/** How keys become text: see `ScanKeysOptions`. */
export type KeyEncoding = 'utf8' | 'latin1';

export interface ScanKeysOptions {
  /** Redis' glob pattern: `*` any text, `?` one byte, `[ab]` one of these, `\` takes the next as it is. @defaultValue all keys */
  readonly match?: string;
  /** Only keys of this type, as the command TYPE names it: `string`, `hash`, `zset`. Needs Redis 6. @defaultValue all */
  readonly type?: string;
  /** Roughly how many keys Redis looks at for one batch, 1 to 100_000. More is faster; other clients wait. @defaultValue 1000 */
  readonly count?: number;
  /**
   * `utf8` refuses a key that is not UTF-8, with `invalid-data`, since a key that is changed cannot be read.
   * `latin1` takes any key, one character for each byte. @defaultValue 'utf8'
   */
  readonly encoding?: KeyEncoding;
  /** Ends the scan: the iterator throws `signal.reason`, and the connection is closed. */
  readonly signal?: AbortSignal;
}

const scanSchema = z
  .strictObject(
    {
      match: z.string('must be a text').optional(),
      type: text().optional(),
      count: wholeNumber(1, 100_000).default(1000),
      encoding: z.enum(['utf8', 'latin1'], { error: 'must be utf8 or latin1' }).default('utf8'),
      signal: z.instanceof(AbortSignal, { error: 'must be an AbortSignal' }).optional(),
    },
    { error: 'must be an object' },
  )
  .readonly();

export type ResolvedScanKeysOptions = z.output<typeof scanSchema>;

/** @throws ConnectorError `invalid-option`. */
export function resolveScanKeysOptions(given: ScanKeysOptions): ResolvedScanKeysOptions {
  return parseOptions(scanSchema, given);
}
