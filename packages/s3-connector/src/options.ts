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

export interface S3Endpoint {
  /** A name or an address, without scheme, port or path: `localhost`, `s3.eu-west-1.amazonaws.com`. */
  readonly host: string;
  /** @defaultValue 443 with TLS, 80 without */
  readonly port?: number;
  /** Certificates are always checked. @defaultValue true */
  readonly useTls?: boolean;
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

const bucketName = z.string('must be a text').regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/, {
  error: 'must be 3 to 63 letters, digits, dots, hyphens and underscores',
});

const schema = z
  .strictObject(
    {
      endpoint: z
        .strictObject(
          {
            host: hostName(),
            port: wholeNumber(1, 65_535).optional(),
            useTls: flag().default(true),
          },
          { error: 'must be an object { host, port, useTls }' },
        )
        .transform(({ host, port, useTls }) => ({ host, port: port ?? (useTls ? 443 : 80), useTls })),
      region: text().default('us-east-1'),
      bucket: bucketName,
      accessKey: text(),
      secretKey: secret(),
      sessionToken: secret().optional(),
      pathStyle: flag().default(true),
      certificateAuthority: certificates().optional(),
      requestTimeoutMs: wholeNumber(1, longestSleepMs).default(30_000),
      keysPerPage: wholeNumber(1, 1000).default(1000),
      retry: retryLimits(),
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
