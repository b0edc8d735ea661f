import { Secret } from '@sqlflow/connector-contract';
import {
  invalid,
  keywords,
  type ParameterValue,
  type PostgresConnectionOptions,
  type PostgresFileOptions,
  toConnectionOptions,
} from './libpq-parameters.js';

/**
 * No part holds an `@` but the one that ends the user and password. So a password with a `/`, `?`, `#` or `@` in it that was
 * not encoded is never taken for a host, a port or a database, and shown.
 */
const shape =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<host>\[[^\]@/?#]*\]|[^:@/?#[\]]*)(?::(?<port>\d*))?(?:\/(?<dbname>[^@?#]*))?(?:\?(?<query>[^@#]*))?$/;

const wanted =
  'postgres://user:password@host:port/database?name=value, with %40, %3A, %2F, %3F and %23 for @ : / ? # in a user or password';

/**
 * Reads a connection URI as libpq does.
 *
 * @throws ConnectorError `invalid-option`. The message never shows the URI or a password.
 */
export function postgresOptionsFromUri(
  uri: string | Secret,
  files: PostgresFileOptions = {},
): PostgresConnectionOptions {
  const text = Secret.of(uri).reveal();
  const parts: Readonly<Record<string, string | undefined>> | undefined = shape.exec(text)?.groups;
  if (parts === undefined) throw invalid(refusal(text));
  const parameters = new Map<string, ParameterValue>();
  const add = (keyword: string, encoded: string): void => {
    const place = `the ${keyword} in the uri`;
    if (parameters.has(keyword)) throw invalid(`${place} is given twice`);
    if (encoded !== '') parameters.set(keyword, { text: decoded(encoded, place), place });
  };
  const { query = '', host = '', ...others } = parts;
  add('host', host.replace(/^\[|\]$/g, ''));
  for (const [keyword, encoded] of Object.entries(others)) add(keyword, encoded ?? '');
  for (const pair of query === '' ? [] : query.split('&')) {
    const [name = '', value] = pair.split('=', 2);
    if (value === undefined || name === '') throw invalid(`the uri has a parameter without name or value`);
    const keyword = decoded(name, 'the name of a parameter in the uri');
    if (!(keywords as readonly string[]).includes(keyword)) {
      const shown = JSON.stringify(keyword.slice(0, 100));
      throw invalid(
        `the uri has the parameter ${shown}, which is not understood; ${keywords.join(', ')} are`,
      );
    }
    add(keyword, value);
  }
  return toConnectionOptions(parameters, files);
}

function refusal(text: string): string {
  if (!/^postgres(ql)?:\/\//.test(text))
    return `the uri does not begin with postgres://; it must be ${wanted}`;
  // Only what lies behind the last @, so that a comma of a password does not count.
  const [place = ''] = text
    .slice(text.lastIndexOf('@') + 1)
    .replace(/^postgres(ql)?:\/\//, '')
    .split(/[/?]/, 1);
  return place.includes(',')
    ? 'the uri names several hosts; only one can be connected to'
    : `the uri cannot be understood; it must be ${wanted}`;
}

function decoded(encoded: string, place: string): string {
  try {
    const text = decodeURIComponent(encoded);
    if (!text.includes('\0')) return text;
  } catch {
    // Said below, without the text.
  }
  throw invalid(
    `${place} is not well encoded: % must be followed by two hexadecimal digits of UTF-8, not of NUL`,
  );
}
