import type { Secret } from '@sqlflow/connector-contract';
import { longestSleepMs } from '@sqlflow/resilience';
import { z } from 'zod';
import { certificates, parseOptions, secret } from './option-error.js';

export interface S3Endpoint {
  /** A name or an address, without scheme, port or path: `localhost`, `s3.eu-west-1.amazonaws.com`. */
  readonly host: string;
  /** @defaultValue 443 with TLS, 80 without */
  readonly port?: number;
  /** Certificates are always checked. @defaultValue true */
  readonly useTls?: boolean;
}

export interface RetryLimits {
  /** Attempts in all, the first one included, 1 to 20. @defaultValue 3 */
  readonly maxAttempts?: number;
  /** Longest wait after the first failed attempt; it doubles with each further one. 1 to 60_000. @defaultValue 100 */
  readonly initialDelayMs?: number;
  /** Longest wait after any attempt, `initialDelayMs` to 600_000. @defaultValue 5_000 */
  readonly maxDelayMs?: number;
}

export interface S3SourceOptions {
  readonly endpoint: S3Endpoint;
  /** What requests are signed for. @defaultValue 'us-east-1', which most stores other than Amazon's accept */
  readonly region?: string;
  /** Bucket to read. It must exist; it is never created. */
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string | Secret;
  /** Comes with temporary credentials. */
  readonly sessionToken?: string | Secret;
  /** Puts the bucket into the path, `host/bucket`, not into the name, `bucket.host`. @defaultValue true */
  readonly pathStyle?: boolean;
  /** Certificates, PEM, of the authorities to trust in place of those that Node comes with. */
  readonly certificateAuthority?: string;
  /** Milliseconds for one request from its start to the last byte of its answer, 1 to 2_147_483_647. @defaultValue 30_000 */
  readonly requestTimeoutMs?: number;
  /** Keys asked for in one request, 1 to 1000. @defaultValue 1000 */
  readonly keysPerPage?: number;
  /** For transient failures only. Each request of a listing has attempts of its own. */
  readonly retry?: RetryLimits;
}

const bucketName = z.string(text()).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/, {
  error: 'must be 3 to 63 letters, digits, dots, hyphens and underscores',
});

const schema = z
  .strictObject(
    {
      endpoint: z
        .strictObject(
          {
            // The same rule for every connector: an IPv6 address comes without brackets.
            host: z.string(text()).regex(/^[\w:][\w.:-]{0,252}$/, {
              error: 'must be a host name or address without scheme, port or path',
            }),
            port: wholeNumber(1, 65_535).optional(),
            useTls: z.boolean(flag()).default(true),
          },
          { error: 'must be an object { host, port, useTls }' },
        )
        .transform(({ host, port, useTls }) => ({ host, port: port ?? (useTls ? 443 : 80), useTls })),
      region: z.string(text()).min(1, text()).default('us-east-1'),
      bucket: bucketName,
      accessKey: z.string(text()).min(1, text()),
      secretKey: secret(),
      sessionToken: secret().optional(),
      pathStyle: z.boolean(flag()).default(true),
      certificateAuthority: certificates().optional(),
      requestTimeoutMs: wholeNumber(1, longestSleepMs).default(30_000),
      keysPerPage: wholeNumber(1, 1000).default(1000),
      retry: z
        .strictObject(
          {
            maxAttempts: wholeNumber(1, 20).default(3),
            initialDelayMs: wholeNumber(1, 60_000).default(100),
            maxDelayMs: wholeNumber(1, 600_000).default(5_000),
          },
          { error: 'must be an object { maxAttempts, initialDelayMs, maxDelayMs }' },
        )
        .prefault({})
        .check(({ value, issues }) => {
          if (value.initialDelayMs <= value.maxDelayMs) return;
          const message = `must not be less than initialDelayMs, which is ${String(value.initialDelayMs)}`;
          issues.push({ code: 'custom', path: ['maxDelayMs'], input: value.maxDelayMs, message });
        }),
    },
    { error: 'must be an object' },
  )
  .readonly();

export type ResolvedS3SourceOptions = z.output<typeof schema>;

/** @throws ConnectorError `invalid-option` naming each option that is wrong, its value and its range. */
export function resolveS3SourceOptions(given: S3SourceOptions): ResolvedS3SourceOptions {
  return parseOptions(schema, given);
}

/** @throws ConnectorError `invalid-option` for a name that no bucket can have. */
export function resolveBucketName(given: string): string {
  return parseOptions(z.strictObject({ bucket: bucketName }), { bucket: given }).bucket;
}

function wholeNumber(least: number, most: number) {
  const error = `must be a whole number from ${String(least)} to ${String(most)}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

function text() {
  return { error: 'must be a text of at least 1 character' };
}

function flag() {
  return { error: 'must be true or false' };
}
