import { ConnectorError, Secret } from '@sqlflow/connector-contract';
import { inspect } from 'node:util';
import {
  type PostgresSourceOptions,
  resolveReadOptions,
  resolveSourceOptions,
  resolveStreamName,
} from './options.js';

const needed = { host: 'localhost', database: 'd', user: 'u' };

function refusal(given: unknown): ConnectorError {
  try {
    resolveSourceOptions(given as PostgresSourceOptions);
  } catch (error) {
    if (error instanceof ConnectorError) return error;
  }
  throw new Error('it was not refused');
}

test('what is left out has its default', () => {
  const resolved = resolveSourceOptions(needed);
  expect(resolved).toMatchObject({
    port: 5432,
    tls: { mode: 'disable' },
    schema: ['public'],
    connectTimeoutMs: 10_000,
    acquireTimeoutMs: 60_000,
    silenceTimeoutMs: 300_000,
    applicationName: 'sqlflow',
    maxConnections: 4,
    numericAs: 'decimal',
    retry: { maxAttempts: 3, initialDelayMs: 100, maxDelayMs: 5_000 },
  });
  expect(resolved.password.reveal()).toBe('');
});

test('what is given is kept, and a part of an inner object does not lose the rest', () => {
  const resolved = resolveSourceOptions({
    ...needed,
    schema: ['b', 'a'],
    tls: {},
    retry: { maxAttempts: 1 },
    silenceTimeoutMs: Infinity,
  });
  expect(resolved).toMatchObject({
    schema: ['b', 'a'],
    tls: { mode: 'verify-full' },
    retry: { maxAttempts: 1, maxDelayMs: 5_000 },
    silenceTimeoutMs: Infinity,
  });
});

test.each<[Record<string, unknown>, string]>([
  [{ prot: 5432 }, 'option "prot" is unknown'],
  [{ tls: { rejectUnauthorized: false } }, 'option "tls.rejectUnauthorized" is unknown'],
  [{ retry: { attempts: 3 } }, 'option "retry.attempts" is unknown'],
  [{ port: 70_000 }, 'option "port" is 70000; it must be a whole number from 1 to 65535'],
  [{ port: '5432' }, 'option "port" is "5432"; it must be a whole number'],
  [{ port: 1.5 }, 'option "port" is 1.5'],
  [{ host: '' }, 'option "host" is ""; it must be a text of at least one character'],
  [{ database: undefined }, 'option "database" is missing'],
  [{ user: 'a\0b' }, 'option "user" is "a\\u0000b"'],
  [
    { connectTimeoutMs: 0 },
    'option "connectTimeoutMs" is 0; it must be a number of milliseconds, more than 0',
  ],
  [{ connectTimeoutMs: Infinity }, 'option "connectTimeoutMs" is Infinity'],
  [{ silenceTimeoutMs: -1 }, 'or Infinity'],
  [{ schema: [] }, 'option "schema"'],
  [{ host: 'a,b' }, 'option "host" is "a,b"; it must be one host'],
  [{ maxWaiting: -1 }, 'it must be a whole number from 0 to 1000000'],
  [{ lockTimeoutMs: 0.5 }, 'option "lockTimeoutMs" is 0.5'],
  [{ uri: 7 }, 'option "uri" is of type number'],
  [{ maxConnections: 0 }, 'it must be a whole number from 1 to 1000'],
  [{ numericAs: 'float' }, `option "numericAs" is "float"; it must be 'decimal' or 'text'`],
  [
    { retry: { initialDelayMs: 10, maxDelayMs: 5 } },
    'option "retry.maxDelayMs" is 5; it must be at least initialDelayMs',
  ],
  [{ applicationName: 'a\nb' }, 'option "applicationName"'],
])('%j is refused by name, value and range', (changes, message) => {
  const error = refusal({ ...needed, ...changes });
  expect(error).toMatchObject({ code: 'invalid-option', kind: 'terminal', effect: 'none' });
  expect(error.message).toContain(message);
});

test('what is no object is refused', () => {
  expect(refusal(undefined).message).toContain('must be an object');
  expect(refusal('postgres://u:hunter2@h/d').message).not.toContain('hunter2');
});

test('a secret is in no message and in no print of the options', () => {
  for (const password of [['hunter2'], { a: 'hunter2' }, 12]) {
    expect(refusal({ ...needed, password }).message).toMatch(
      /option "password" is of type \w+; it must be a text/,
    );
  }
  for (const key of [7, ['hunter2']]) {
    expect(refusal({ ...needed, tls: { key } }).message).not.toContain('hunter2');
  }
  const pem = (what: string) => `-----BEGIN ${what}-----\nhunter2\n-----END ${what}-----\n`;
  const tls = { cert: pem('CERTIFICATE'), key: pem('PRIVATE KEY') };
  expect(refusal({ ...needed, tls: { ca: 'hunter2' } }).message).not.toContain('hunter2');
  const resolved = resolveSourceOptions({
    ...needed,
    password: 'hunter2',
    tls: { key: tls.key, cert: pem('CERTIFICATE').replace('hunter2', 'x') },
  });
  expect(inspect(resolved, { depth: 9 }) + JSON.stringify(resolved)).not.toContain('hunter2');
  expect(resolveSourceOptions({ ...needed, password: new Secret('hunter2') }).password.reveal()).toBe(
    'hunter2',
  );
});

test('the options of a read and the name of a stream are checked in the same way', () => {
  expect(resolveReadOptions({})).toEqual({ batchRows: 65_536 });
  expect(() => resolveReadOptions({ batchRows: 0 })).toThrow(
    'read option "batchRows" is 0; it must be a whole number',
  );
  expect(() => resolveReadOptions({ columns: ['a\0'] })).toThrow('read option "columns.0"');
  expect(() => resolveReadOptions({ rows: 1 } as object)).toThrow('read option "rows" is unknown');
  expect(() => resolveReadOptions({ signal: {} as AbortSignal })).toThrow('it must be an AbortSignal');
  expect(resolveStreamName({ name: 'x"; DROP' })).toEqual({ name: 'x"; DROP' });
  const discovered = { namespace: 'a', name: 'b', primaryKey: ['id'] };
  expect(resolveStreamName(discovered)).toEqual({ namespace: 'a', name: 'b' });
  expect(() => resolveStreamName({ name: '' })).toThrow('stream "name" is ""');
});
