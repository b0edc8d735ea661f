import { ConnectorError, Secret } from '@sqlflow/connector-contract';
import { longestSleepMs } from '@sqlflow/resilience';
import { z } from 'zod';
import { expandConnection } from './connection/expand-connection.js';
import { type PostgresTlsMode, type PostgresTlsOptions, tlsOptions } from './connection/tls-options.js';
import type { NumericAs } from './decode/wire-column.js';
import { singleQuery } from './plan/query-text.js';
import type { ArraysAs } from './wire-type.js';

export interface PostgresRetryOptions {
  /** Attempts in all, the first one included, 1 to 100. @defaultValue 3 */
  readonly maxAttempts?: number;
  /** Most milliseconds before the second attempt, more than 0; doubled for each later one. @defaultValue 100 */
  readonly initialDelayMs?: number;
  /** Most milliseconds before any attempt, at least `initialDelayMs`. @defaultValue 5_000 */
  readonly maxDelayMs?: number;
}

/** What it takes to connect, for reading and for writing. */
export interface PostgresCommonOptions {
  /**
   * `postgres://user:password@host:port/database?sslmode=verify-full&…`, as libpq reads it, for what is not given by the
   * options below. Nothing may be given twice.
   */
  readonly uri?: string | Secret;
  /** A name, an address, or the folder of a Unix socket (it begins with `/`). Needed, here or in `uri`. */
  readonly host?: string;
  /** 1 to 65535. @defaultValue 5432 */
  readonly port?: number;
  /** Needed, here or in `uri`. */
  readonly database?: string;
  /** Needed, here or in `uri`. */
  readonly user?: string;
  /** @defaultValue none, for a server that asks for none */
  readonly password?: string | Secret;
  /** @defaultValue 'verify-full'; on this machine's loopback and over a Unix socket 'disable' */
  readonly tls?: PostgresTlsMode | PostgresTlsOptions;
  /** Milliseconds from the dial to the server's readiness, more than 0. @defaultValue 10_000 */
  readonly connectTimeoutMs?: number;
  /** Milliseconds to wait for a connection while all are in use, more than 0. @defaultValue 60_000 */
  readonly acquireTimeoutMs?: number;
  /** Milliseconds for which the server may send nothing while a call waits for it; `Infinity` for ever. @defaultValue 300_000 */
  readonly silenceTimeoutMs?: number;
  /** Milliseconds after which the server ends a query, a whole number from 1. @defaultValue what the server has set */
  readonly statementTimeoutMs?: number;
  /** Milliseconds that a statement may wait for a lock, a whole number from 1. @defaultValue what the server has set */
  readonly lockTimeoutMs?: number;
  /** Milliseconds after which the server ends a connection that does nothing in a transaction, a whole number from 1. @defaultValue what the server has set */
  readonly idleInTransactionTimeoutMs?: number;
  /** What the server shows for the connections, at most 63 bytes. @defaultValue 'sqlflow' */
  readonly applicationName?: string;
  /** Most connections at a time, 1 to 1000. One read holds one. @defaultValue 4 */
  readonly maxConnections?: number;
  /** Most calls that may wait for a connection, 0 to 1,000,000; the next one is refused. @defaultValue 1_000 */
  readonly maxWaiting?: number;
  /**
   * For what may succeed when it is made again. A read is not made again once it has handed over a batch, nor a write once
   * it has taken one.
   */
  readonly retry?: PostgresRetryOptions;
}

export interface PostgresSourceOptions extends PostgresCommonOptions {
  /** The schemas that `discover` lists. The first one is where a stream without a namespace is. @defaultValue 'public' */
  readonly schema?: string | readonly string[];
  /**
   * Queries that are read as if they were streams, by name. They are SQL, for their author to answer for: never make them
   * of values. A stream without a namespace is the query of its name, before it is a table. @defaultValue none
   */
  readonly queries?: Readonly<Record<string, string>>;
  /** What becomes of numeric(p,s) with p up to 38; any other numeric is text. @defaultValue 'decimal' */
  readonly numericAs?: NumericAs;
  /** What becomes of arrays. A list has one dimension that begins at 1; another array is an error, or text. @defaultValue 'list' */
  readonly arraysAs?: ArraysAs;
}

const name = 'a text of at least one character without NUL';
/** A name that a server's object can have. */
export const identifier = z
  .string(name)
  .min(1, name)
  .refine((text) => !text.includes('\0'), name);
const names = 'a name, or a list of at least one';
const secret = 'a text or a Secret';
const password = z.union([z.string(), z.instanceof(Secret)], secret).transform((text) => Secret.of(text));

const milliseconds = `a number of milliseconds, more than 0 and at most ${String(longestSleepMs)}`;
const timeoutMs = z.number(milliseconds).gt(0, milliseconds).max(longestSleepMs, milliseconds);
const timeoutOrNeverMs = z.custom<number>(
  (value) => value === Infinity || timeoutMs.safeParse(value).success,
  `${milliseconds}, or Infinity`,
);

export function wholeNumber(from: number, to: number) {
  const range = `a whole number from ${String(from)} to ${String(to)}`;
  return z.int(range).min(from, range).max(to, range);
}

/** Those of `PostgresCommonOptions`, a `uri` being taken apart already. */
export const commonOptions = {
  host: identifier.refine((host) => !host.includes(','), 'one host'),
  port: wholeNumber(1, 65_535).default(5432),
  database: identifier,
  user: identifier,
  password: password.default(new Secret('')),
  tls: tlsOptions,
  connectTimeoutMs: timeoutMs.default(10_000),
  acquireTimeoutMs: timeoutMs.default(60_000),
  silenceTimeoutMs: timeoutOrNeverMs.default(300_000),
  statementTimeoutMs: wholeNumber(1, longestSleepMs).optional(),
  lockTimeoutMs: wholeNumber(1, longestSleepMs).optional(),
  idleInTransactionTimeoutMs: wholeNumber(1, longestSleepMs).optional(),
  applicationName: z
    .string('a text')
    .regex(/^[\x20-\x7e]{1,63}$/, '1 to 63 printable ASCII characters')
    .default('sqlflow'),
  maxConnections: wholeNumber(1, 1000).default(4),
  maxWaiting: wholeNumber(0, 1_000_000).default(1000),
  retry: z
    .strictObject({
      maxAttempts: wholeNumber(1, 100).default(3),
      initialDelayMs: timeoutMs.default(100),
      maxDelayMs: timeoutMs.default(5_000),
    })
    .refine(({ initialDelayMs, maxDelayMs }) => initialDelayMs <= maxDelayMs, {
      path: ['maxDelayMs'],
      error: 'at least initialDelayMs',
    })
    .prefault({}),
};

/** What options that agree each by itself must also agree in. */
export const tlsOverSocket = {
  isRight: ({ host, tls }: { readonly host: string; readonly tls: { readonly mode: string } }): boolean =>
    tls.mode === 'disable' || !host.startsWith('/'),
  otherwise: {
    path: ['tls', 'mode'],
    error: "'disable' for a Unix socket, over which no TLS is spoken",
  },
};

const sourceOptions = z
  .strictObject({
    ...commonOptions,
    schema: z
      .union([identifier.transform((one) => [one]), z.array(identifier).min(1, names)], names)
      .default(['public']),
    queries: z
      .record(identifier, z.string('a text of SQL'), 'an object of texts')
      .default({})
      .transform(
        (given) => new Map(Object.entries(given).map(([name, sql]) => [name, singleQuery(name, sql)])),
      ),
    numericAs: z.enum(['decimal', 'text'], "'decimal' or 'text'").default('decimal'),
    arraysAs: z.enum(['list', 'text'], "'list' or 'text'").default('list'),
  })
  .refine(tlsOverSocket.isRight, tlsOverSocket.otherwise);

/** Checked, with every default filled in. The first of `schema` is the default namespace. */
export type ResolvedSourceOptions = z.output<typeof sourceOptions>;

/** @throws ConnectorError `invalid-option` naming the first option that is wrong, and its range. */
export function resolveSourceOptions(given: PostgresSourceOptions): ResolvedSourceOptions {
  return resolve(sourceOptions, expandConnection(given), 'option');
}

/**
 * Checks what was given.
 *
 * @param what - What one of it is, for messages, such as `option`.
 * @throws ConnectorError `invalid-option`
 */
export function resolve<T extends z.ZodType>(schema: T, given: unknown, what: string): z.output<T> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new ConnectorError('invalid-option', explain(result.error.issues, given, what), {
    kind: 'terminal',
    effect: 'none',
  });
}

function explain([issue]: readonly z.core.$ZodIssue[], given: unknown, what: string): string {
  if (issue === undefined) return `the ${what}s are wrong`;
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return `${what} "${[...path, issue.keys[0]].join('.')}" is unknown`;
  }
  const value = path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    given,
  );
  if (path.length === 0) return `the ${what}s must be an object`;
  return `${what} "${path.join('.')}" is ${shown(value, path)}; it must be ${issue.message}`;
}

/** A wrong value as a message may show it: never a secret, nor an object that could hold one. */
function shown(value: unknown, path: readonly string[]): string {
  if (value === undefined) return 'missing';
  const isSecret = ['password', 'key', 'cert', 'ca', 'uri'].includes(path.at(-1) ?? '');
  if (isSecret) return `of type ${typeof value}`;
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `of type ${typeof value}`;
}
