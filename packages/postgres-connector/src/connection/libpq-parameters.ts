import { ConnectorError, Secret } from '@sqlflow/connector-contract';
import type { PostgresSourceOptions } from '../options.js';
import type { PostgresTlsMode } from './tls-options.js';

/** The options that say where a server is, who one is there, and how the connection is made. */
export type PostgresConnectionOptions = Pick<
  PostgresSourceOptions,
  'host' | 'port' | 'database' | 'user' | 'password' | 'tls' | 'applicationName' | 'connectTimeoutMs'
>;

export interface PostgresFileOptions {
  /** Reads a file of certificates or of a key, such as `(path) => readFileSync(path, 'utf8')`. @defaultValue none is read */
  readonly readFile?: (path: string) => string;
}

/** What libpq calls the parameters that are understood here. */
export const keywords = [
  ...['host', 'port', 'dbname', 'user', 'password', 'application_name', 'connect_timeout'],
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey'],
] as const;

/** The text of a parameter, and what a message calls the place where it stands. */
export interface ParameterValue {
  readonly text: string;
  readonly place: string;
}

export type Parameters = ReadonlyMap<string, ParameterValue>;

/**
 * Gives parameters the meaning that libpq gives them. The database is called like the user if it is not named.
 *
 * @throws ConnectorError `invalid-option`
 */
export function toConnectionOptions(
  parameters: Parameters,
  { readFile }: PostgresFileOptions,
): PostgresConnectionOptions {
  const text = (keyword: string): string | undefined => parameters.get(keyword)?.text;
  const user = text('user');
  const database = text('dbname') ?? user;
  const host = parameters.get('host');
  const port = parameters.get('port');
  const password = text('password');
  const applicationName = text('application_name');
  const connectTimeout = parameters.get('connect_timeout');
  const tls = toTls(parameters, readFile);
  return {
    ...(host !== undefined && { host: oneHost(host) }),
    ...(port !== undefined && { port: whole(port) }),
    ...(database !== undefined && { database }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password: new Secret(password) }),
    ...(applicationName !== undefined && { applicationName }),
    ...(connectTimeout !== undefined && { connectTimeoutMs: 1000 * seconds(connectTimeout) }),
    // Over a Unix socket libpq does not look at them.
    ...(tls !== undefined && host?.text.startsWith('/') !== true && { tls }),
  };
}

function toTls(
  parameters: Parameters,
  readFile: PostgresFileOptions['readFile'],
): PostgresConnectionOptions['tls'] {
  const sslmode = parameters.get('sslmode');
  const fileOf = (keyword: string): string | undefined => {
    const named = parameters.get(keyword);
    return named === undefined ? undefined : textOfFile(named, readFile);
  };
  const trusted = parameters.get('sslrootcert');
  const mode = sslmode === undefined ? undefined : modeOf(sslmode);
  if (mode === 'disable') return 'disable';
  const ca = trusted?.text === 'system' ? undefined : fileOf('sslrootcert');
  const [cert, key] = [fileOf('sslcert'), fileOf('sslkey')];
  if (mode === undefined && [ca, cert, key].every((one) => one === undefined)) return undefined;
  return {
    // With authorities to trust, libpq checks for them though it is not told to.
    mode: mode === 'require' && ca !== undefined ? 'verify-ca' : (mode ?? 'verify-full'),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key: new Secret(key) }),
  };
}

function modeOf({ text, place }: ParameterValue): PostgresTlsMode {
  if (text === 'disable' || text === 'require' || text === 'verify-ca' || text === 'verify-full') return text;
  const why =
    text === 'allow' || text === 'prefer' ? ', for this one leaves it to the server whether to encrypt' : '';
  throw invalid(
    `${place} is ${JSON.stringify(text.slice(0, 100))}; it must be disable, require, verify-ca or verify-full${why}`,
  );
}

function textOfFile({ text, place }: ParameterValue, readFile: PostgresFileOptions['readFile']): string {
  if (readFile === undefined) {
    throw invalid(
      `${place} names a file, and nothing is there to read it: pass { readFile }, or give its text by the option "tls"`,
    );
  }
  try {
    return readFile(text);
  } catch (cause) {
    throw invalid(`${place} names a file that cannot be read: ${JSON.stringify(text.slice(0, 200))}`, cause);
  }
}

function oneHost({ text, place }: ParameterValue): string {
  if (!text.includes(',')) return text;
  throw invalid(`${place} names several hosts; only one can be connected to`);
}

function whole({ text, place }: ParameterValue): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalid(`${place} is ${JSON.stringify(text.slice(0, 100))}; it must be a whole number`);
}

function seconds(value: ParameterValue): number {
  const given = whole(value);
  if (given > 0) return given;
  throw invalid(`${value.place} is 0, which waits for ever; it must be at least 1 second`);
}

export function invalid(message: string, cause?: unknown): ConnectorError {
  return new ConnectorError('invalid-option', message, { kind: 'terminal', effect: 'none', cause });
}
