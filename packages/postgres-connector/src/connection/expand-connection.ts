import { Secret } from '@sqlflow/connector-contract';
import { invalid } from './libpq-parameters.js';
import { postgresOptionsFromUri } from './postgres-uri.js';
import { defaultTls } from './tls-options.js';

/**
 * Puts what `uri` says in the place of it, and TLS where nothing is said of it. What is no object comes out as it is.
 *
 * @throws ConnectorError `invalid-option` for a `uri` that is wrong, or says what is given beside it too.
 */
export function expandConnection(given: unknown): unknown {
  if (!isObject(given)) return given;
  const { uri, ...beside } = given;
  const options = uri === undefined ? beside : merged(fromUri(uri), beside);
  const { tls, host } = options;
  if (typeof tls === 'string') return { ...options, tls: { mode: tls } };
  if (tls === undefined && typeof host === 'string') return { ...options, tls: defaultTls(host) };
  return options;
}

function fromUri(uri: unknown): Options {
  if (typeof uri === 'string' || uri instanceof Secret) return { ...postgresOptionsFromUri(uri) };
  throw invalid(`option "uri" is of type ${typeof uri}; it must be a text or a Secret`);
}

type Options = Readonly<Record<string, unknown>>;

/** Who would win is a thing to remember, so nobody does. */
function merged(said: Options, beside: Options): Options {
  const given = Object.fromEntries(Object.entries(beside).filter(([, value]) => value !== undefined));
  const twice = Object.keys(said).find((name) => name !== 'tls' && name in given);
  if (twice !== undefined) throw saidTwice(twice);
  const tls = mergedTls(said['tls'], given['tls']);
  return { ...said, ...given, ...(tls !== undefined && { tls }) };
}

/** A uri says the mode, and can say no more than the names of files; what it takes to check may stand beside it. */
function mergedTls(said: unknown, given: unknown): unknown {
  if (said === undefined || given === undefined) return said ?? given;
  if (isObject(said) && isObject(given) && !('mode' in given)) return { ...said, ...given };
  throw saidTwice('tls');
}

function isObject(value: unknown): value is Options {
  return typeof value === 'object' && value !== null;
}

function saidTwice(name: string): Error {
  return invalid(`option "${name}" is given, and the uri says it too; leave it out in one of them`);
}
