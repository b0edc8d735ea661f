import {
  invalid,
  type ParameterValue,
  type PostgresConnectionOptions,
  type PostgresFileOptions,
  toConnectionOptions,
} from './libpq-parameters.js';

const keywordOf: ReadonlyMap<string, string> = new Map([
  ['PGHOST', 'host'],
  ['PGPORT', 'port'],
  ['PGDATABASE', 'dbname'],
  ['PGUSER', 'user'],
  ['PGPASSWORD', 'password'],
  ['PGAPPNAME', 'application_name'],
  ['PGCONNECT_TIMEOUT', 'connect_timeout'],
  ['PGSSLMODE', 'sslmode'],
  ['PGSSLROOTCERT', 'sslrootcert'],
  ['PGSSLCERT', 'sslcert'],
  ['PGSSLKEY', 'sslkey'],
]);

/** To pass over one of these would connect to another server, as somebody else, or with less care than was asked for. */
const refused: ReadonlyMap<string, string> = new Map([
  ['PGHOSTADDR', 'give the address as PGHOST, and its name as tls.serverName'],
  ['PGSERVICE', 'give what the service stands for'],
  ['PGPASSFILE', 'give PGPASSWORD'],
  ['PGOPTIONS', 'give statementTimeoutMs, lockTimeoutMs and the like'],
  ['PGTARGETSESSIONATTRS', 'name the server that is meant'],
  ['PGREQUIREAUTH', 'leave it out'],
  ['PGREQUIREPEER', 'leave it out'],
  ['PGREQUIRESSL', 'give PGSSLMODE=require'],
  ['PGCHANNELBINDING', 'leave it out'],
  ['PGGSSENCMODE', 'give PGSSLMODE'],
  ['PGSSLCRL', 'leave it out'],
  ['PGSSLCRLDIR', 'leave it out'],
  ['PGSSLNEGOTIATION', 'leave it out'],
]);

/**
 * The options that the variables of libpq stand for. It looks at nothing but what it is given, such as `process.env`.
 * Variables about other things, such as PGTZ, are passed over; an empty one counts as none.
 *
 * @throws ConnectorError `invalid-option`, naming the variable. The message never shows a password.
 */
export function postgresOptionsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  files: PostgresFileOptions = {},
): PostgresConnectionOptions {
  for (const [name, remedy] of refused) {
    if ((environment[name] ?? '') !== '') throw invalid(`${name} is not supported; ${remedy}`);
  }
  const parameters = new Map<string, ParameterValue>();
  for (const [name, keyword] of keywordOf) {
    const text = environment[name] ?? '';
    if (text !== '') parameters.set(keyword, { text, place: name });
  }
  return toConnectionOptions(parameters, files);
}
