import { ConnectorError, Secret } from '@sqlflow/connector-contract';
import fc from 'fast-check';
import { inspect } from 'node:util';
import { resolveSourceOptions } from '../options.js';
import type { PostgresConnectionOptions } from './libpq-parameters.js';
import { postgresOptionsFromUri } from './postgres-uri.js';

function plain({ password, ...others }: PostgresConnectionOptions): object {
  return password === undefined ? others : { ...others, password: Secret.of(password).reveal() };
}

test.each<[string, object]>([
  ['postgres://', {}],
  ['postgresql://h', { host: 'h' }],
  ['postgres://h:5433/db', { host: 'h', port: 5433, database: 'db' }],
  ['postgres://u@h', { host: 'h', user: 'u', database: 'u' }],
  ['postgres://u:@h/', { host: 'h', user: 'u', database: 'u' }],
  [
    'postgres://us%40r:pa%20s%2Fs@h/my%20db',
    { host: 'h', user: 'us@r', password: 'pa s/s', database: 'my db' },
  ],
  ['postgres://u:p:q@h', { host: 'h', user: 'u', password: 'p:q', database: 'u' }],
  ['postgres://u@[::1]:5433/d', { host: '::1', port: 5433, user: 'u', database: 'd' }],
  ['postgres://u@%2Ftmp/d', { host: '/tmp', user: 'u', database: 'd' }],
  ['postgres:///d?host=/tmp&user=u&port=1', { host: '/tmp', user: 'u', database: 'd', port: 1 }],
  ['postgres:///?host=/tmp&sslmode=require', { host: '/tmp' }],
  ['postgres://h?dbname=d&password=x%26y', { host: 'h', database: 'd', password: 'x&y' }],
  [
    'postgres://h?connect_timeout=5&application_name=a+b',
    { host: 'h', connectTimeoutMs: 5000, applicationName: 'a+b' },
  ],
  ['postgres://h?sslmode=disable', { host: 'h', tls: 'disable' }],
  ['postgres://h?sslmode=verify-full&sslrootcert=system', { host: 'h', tls: { mode: 'verify-full' } }],
])('%s is read as libpq reads it', (uri, options) => {
  expect(plain(postgresOptionsFromUri(uri))).toEqual(options);
  expect(plain(postgresOptionsFromUri(new Secret(uri)))).toEqual(options);
});

test.each<[string, string]>([
  ['mysql://u:hunter2@h', 'does not begin with postgres://'],
  ['hunter2', 'does not begin with postgres://'],
  ['postgres://u:hunt@er2@h/d', 'with %40, %3A, %2F, %3F and %23 for @ : / ? #'],
  ['postgres://u:12/hunter2@h/d', 'cannot be understood'],
  ['postgres://u:12?hunter2=1@h/d', 'cannot be understood'],
  ['postgres://u:hunt#er2@h/d', 'cannot be understood'],
  ['postgres://u:hunter2@h:x/d', 'cannot be understood'],
  ['postgres://u:hunter2@h1,h2/d', 'names several hosts'],
  ['postgres://u:hunter2@h1:1,h2:2/d', 'names several hosts'],
  ['postgres://u:hunter2@h/d?host=a,b', 'the host in the uri is given twice'],
  ['postgres://u:hunter2@/d?host=a,b', 'the host in the uri names several hosts'],
  ['postgres://u:hunter2%@h/d', 'the password in the uri is not well encoded'],
  ['postgres://u:hunter2%00@h/d', 'not of NUL'],
  [
    'postgres://u:hunter2@h/d?sslmod=require',
    'has the parameter "sslmod", which is not understood; host, port',
  ],
  ['postgres://u:hunter2@h/d?options=-cx%3D1', 'has the parameter "options"'],
  ['postgres://u:hunter2@h/d?sslmode', 'a parameter without name or value'],
  [
    'postgres://u:hunter2@h/d?sslmode=prefer',
    'the sslmode in the uri is "prefer"; it must be disable, require',
  ],
  ['postgres://u:hunter2@h/d?sslmode=require&sslmode=disable', 'the sslmode in the uri is given twice'],
  [
    'postgres://u:hunter2@h/d?sslmode=verify-ca&sslrootcert=/ca.pem',
    'names a file, and nothing is there to read it',
  ],
  ['postgres://u:hunter2@h/d?connect_timeout=0', 'waits for ever'],
  ['postgres://u:hunter2@h/d?port=abc', 'the port in the uri is "abc"; it must be a whole number'],
])('%s is refused, and its password not shown', (uri, message) => {
  for (const read of [() => postgresOptionsFromUri(uri), () => resolveSourceOptions({ uri })]) {
    const error = thrownBy(read);
    expect(error).toMatchObject({ code: 'invalid-option', kind: 'terminal' });
    expect(error.message).toContain(message);
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  }
});

function thrownBy(act: () => unknown): ConnectorError {
  try {
    act();
  } catch (error) {
    if (error instanceof ConnectorError) return error;
  }
  throw new Error('it was not refused');
}

const part = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));

test('every text comes through as a user, password, database and name of an application', () => {
  fc.assert(
    fc.property(part, part, part, part, (user, password, database, applicationName) => {
      const [u, p, d, a] = [user, password, database, applicationName].map(encodeURIComponent);
      const uri = `postgres://${u}:${p}@h/${d}?application_name=${a}`;
      expect(plain(postgresOptionsFromUri(uri))).toEqual({
        host: 'h',
        user,
        password,
        database,
        applicationName,
      });
    }),
  );
});

test('a password with any sign in it, not encoded, comes through or is refused without being shown', () => {
  const password = fc
    .string({ unit: fc.constantFrom('@', ':', '/', '?', '#', '[', ']', '%', '&', '=', ',', '1') })
    .map((text) => `hunter${text}secret`);
  fc.assert(
    fc.property(password, (text) => {
      try {
        const options = postgresOptionsFromUri(`postgres://u:${text}@h/d`);
        expect(plain(options)).toMatchObject({ host: 'h', user: 'u', database: 'd' });
      } catch (error) {
        expect(inspect(error)).not.toMatch(/hunter|secret/);
      }
    }),
  );
});

test('files that a uri names are read by who can read them; authorities make require check for them', () => {
  const readFile = (path: string): string => `text of ${path}`;
  const uri = 'postgres://u@h/d?sslmode=require&sslrootcert=/ca&sslcert=/cert&sslkey=/key';
  const { tls } = postgresOptionsFromUri(uri, { readFile });
  expect(tls).toMatchObject({ mode: 'verify-ca', ca: 'text of /ca', cert: 'text of /cert' });
  expect(JSON.stringify(tls)).not.toContain('text of /key');
  const missing = (): string => {
    throw new Error('ENOENT');
  };
  expect(() => postgresOptionsFromUri(uri, { readFile: missing })).toThrow('cannot be read: "/ca"');
});

test('what the uri says is not given beside it; what it does not say is', () => {
  const uri = 'postgres://u:p@db.example/d?sslmode=verify-full';
  const ca = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  const resolved = resolveSourceOptions({ uri, port: 1, tls: { ca }, host: undefined as never });
  expect(resolved).toMatchObject({ host: 'db.example', port: 1, tls: { mode: 'verify-full', ca } });
  expect(resolved.password.reveal()).toBe('p');
  expect(() => resolveSourceOptions({ uri, password: 'q' })).toThrow(
    'option "password" is given, and the uri says it too; leave it out in one of them',
  );
  expect(() => resolveSourceOptions({ uri, tls: 'disable' })).toThrow('option "tls" is given');
  expect(resolveSourceOptions({ uri: 'postgres://u@localhost' }).tls).toEqual({ mode: 'disable' });
  expect(() => resolveSourceOptions({ uri: 'postgres:///d' })).toThrow('option "host" is missing');
});
