import { Secret } from '@sqlflow/connector-contract';
import { inspect } from 'node:util';
import { resolveSourceOptions } from '../options.js';
import { postgresOptionsFromEnvironment } from './environment-options.js';

test('the variables of libpq become options; others are passed over, and an empty one is none', () => {
  const options = postgresOptionsFromEnvironment({
    PGHOST: 'db.example',
    PGPORT: '5433',
    PGDATABASE: 'd',
    PGUSER: 'u',
    PGPASSWORD: 'hunter2',
    PGAPPNAME: 'app',
    PGCONNECT_TIMEOUT: '3',
    PGSSLMODE: 'require',
    PGSSLROOTCERT: '',
    PGTZ: 'Mars',
    HOME: '/',
  });
  expect(options).toMatchObject({
    host: 'db.example',
    port: 5433,
    database: 'd',
    user: 'u',
    applicationName: 'app',
    connectTimeoutMs: 3000,
    tls: { mode: 'require' },
  });
  expect(inspect(options, { depth: 9 })).not.toContain('hunter2');
  expect(Secret.of(options.password ?? '').reveal()).toBe('hunter2');
  expect(resolveSourceOptions({ ...options, database: 'other' })).toMatchObject({ database: 'other' });
});

test('without a database it is that of the user, and nothing comes of nothing', () => {
  expect(postgresOptionsFromEnvironment({ PGUSER: 'u' })).toEqual({ user: 'u', database: 'u' });
  expect(postgresOptionsFromEnvironment({ PGHOST: '/tmp', PGSSLMODE: 'verify-full' })).toEqual({
    host: '/tmp',
  });
  expect(postgresOptionsFromEnvironment({})).toEqual({});
});

test('certificates are read from the files that variables name', () => {
  const { tls } = postgresOptionsFromEnvironment(
    { PGSSLROOTCERT: '/ca', PGSSLCERT: '/c', PGSSLKEY: '/k' },
    { readFile: (path) => path.toUpperCase() },
  );
  expect(tls).toEqual({ mode: 'verify-full', ca: '/CA', cert: '/C', key: expect.any(Secret) as Secret });
});

test.each<[Record<string, string>, string]>([
  [{ PGOPTIONS: '-c x=1' }, 'PGOPTIONS is not supported; give statementTimeoutMs'],
  [{ PGSERVICE: 's' }, 'PGSERVICE is not supported'],
  [{ PGHOSTADDR: '10.0.0.1' }, 'PGHOSTADDR is not supported; give the address as PGHOST'],
  [{ PGPASSFILE: '/x' }, 'PGPASSFILE is not supported; give PGPASSWORD'],
  [{ PGHOST: 'a,b' }, 'PGHOST names several hosts'],
  [{ PGPORT: 'x' }, 'PGPORT is "x"; it must be a whole number'],
  [{ PGSSLMODE: 'allow' }, 'PGSSLMODE is "allow"; it must be disable, require, verify-ca or verify-full'],
  [
    { PGSSLROOTCERT: '/ca' },
    'PGSSLROOTCERT names a file, and nothing is there to read it: pass { readFile }',
  ],
  [{ PGCONNECT_TIMEOUT: '0' }, 'PGCONNECT_TIMEOUT is 0, which waits for ever'],
])('%j is refused', (environment, message) => {
  expect(() => postgresOptionsFromEnvironment({ PGPASSWORD: 'hunter2', ...environment })).toThrow(message);
});
