import { checkTrigger } from './check.js';

const reset = { do: 'reset', at: 'before' };
const query = { protocol: 'postgres', from: 'client', message: 'Query' };
const commit = { protocol: 'postgres', from: 'server', message: 'CommandComplete' };
const put = { protocol: 's3', method: 'PUT' };
const get = { protocol: 'redis', command: 'GET' };
const failed = { do: 'answer', sqlState: '40001' };

test.each<[object, object]>([
  [{ ...query, sql: 'COMMIT', nth: 2, times: Infinity, per: 'connection' }, reset],
  [query, failed],
  [
    { ...query, message: 'StartupMessage' },
    { ...failed, severity: 'FATAL', message: 'no' },
  ],
  [
    { ...commit, tag: 'COMMIT' },
    { ...failed, severity: 'FATAL' },
  ],
  [
    { ...commit, message: 'ErrorResponse', sqlState: '40001' },
    { do: 'close', at: 'after' },
  ],
  [
    { ...put, path: '/b/k', query: { partNumber: '7' } },
    { do: 'answer', status: 503, code: 'SlowDown', retryAfterSeconds: 0 },
  ],
  [
    { protocol: 's3', from: 'server', status: 200 },
    { do: 'truncate', bytes: 0 },
  ],
  [
    { ...get, key: 'a', from: 'server' },
    { do: 'stall', beforeEnd: 1 },
  ],
  [
    { ...get, command: 'CLIENT SETNAME' },
    { do: 'stall', at: 'after' },
  ],
  [get, { do: 'answer', error: 'MOVED 3999 127.0.0.1:6381' }],
])('takes %j, %j', (match, action) => {
  expect(() => {
    checkTrigger(match, action, { optional: true });
  }).not.toThrow();
});

test.each<[unknown, unknown, string, unknown?]>([
  [undefined, reset, 'must be an object with a protocol'],
  [get, undefined, 'must be an object with `do`'],
  [{ protocol: 'mysql' }, reset, 'there is no protocol "mysql"; there is postgres, s3, redis'],
  [{ protocol: 'toString' }, reset, 'there is no protocol "toString"'],
  [
    { ...query, from: 'nobody' },
    reset,
    'from of a trigger of postgres is "nobody"; it must be one of client, server',
  ],
  [{ protocol: 'postgres', message: 'Query' }, reset, 'from of a trigger of postgres is missing'],
  [
    { ...query, message: 'DataRow' },
    reset,
    'message of a trigger of postgres is "DataRow"; it must be one of Bind, Close,',
  ],
  [{ ...commit, message: 'Query' }, reset, 'it must be one of Authentication,'],
  [{ ...query, tag: 'COMMIT' }, reset, 'has no option tag'],
  [{ ...commit, message: 'DataRow', sql: 'x' }, reset, 'has no option sql'],
  [{ ...commit, message: 'ErrorResponse', sqlState: '1' }, reset, 'must be five digits or capitals'],
  [{ ...query, nth: 0 }, reset, 'nth of a trigger of postgres is 0'],
  [{ ...query, times: 1.5 }, reset, 'must be a whole number from 1, or Infinity'],
  [{ ...query, per: 'process' }, reset, 'it must be one of link, connection'],
  [{ ...put, method: 'put' }, reset, 'must be a method in capitals'],
  [{ ...put, path: 'b' }, reset, 'must be a path that begins with /'],
  [{ ...put, query: { partNumber: 7 } }, reset, "must be texts by name, such as { partNumber: '7' }"],
  [{ ...put, status: 200 }, reset, 'has no option status'],
  [{ protocol: 's3', from: 'server', status: 100 }, reset, 'a whole number from 200 to 599'],
  [{ ...get, command: 'get' }, reset, 'must be a command in capitals'],
  [{ protocol: 'redis' }, reset, 'command of a trigger of redis is missing'],
  [get, { do: 'explode' }, 'a trigger of redis cannot do "explode"; it can do reset, close, stall, answer'],
  [get, { do: 'truncate', bytes: 1 }, 'cannot do "truncate"'],
  [get, { do: 'reset' }, 'at of the action reset is missing'],
  [get, { do: 'close', at: 'now' }, 'it must be one of before, after'],
  [get, { do: 'stall', beforeEnd: 0 }, 'a whole number from 1 to 65536'],
  [get, { do: 'stall', beforeEnd: 1, at: 'before' }, 'the action stall has no option at'],
  [get, { do: 'answer', error: 'A\r\n+OK' }, 'must be one line that begins with a word in capitals'],
  [get, { do: 'answer', error: '-LOADING' }, 'must be one line that begins with a word in capitals'],
  [put, { do: 'answer', status: 200, code: 'x' }, 'a whole number from 300 to 599'],
  [put, { do: 'answer', status: 304, code: 'x' }, 'but 304'],
  [put, { do: 'answer', status: 503 }, 'code of the action answer is missing'],
  [put, { do: 'truncate', bytes: -1 }, 'a whole number from 0'],
  [query, { do: 'answer', sqlState: '4000' }, 'must be five digits or capitals'],
  [query, { ...failed, message: 'a\0b' }, 'must be a text without a NUL'],
  [query, { ...failed, severity: 'PANIC' }, 'must be one of ERROR, FATAL'],
  [
    { ...query, message: 'Sync' },
    failed,
    'PostgreSQL does not answer an ERROR in place of Sync of the client: severity must be FATAL',
  ],
  [commit, failed, 'does not answer an ERROR in place of CommandComplete of the server'],
  [{ ...commit, message: 'CopyData' }, failed, 'does not answer an ERROR in place of CopyData of the server'],
  [get, reset, 'a trigger has no option maybe; it has optional', { maybe: true }],
  [get, reset, 'optional of a trigger is 1; it must be true or false', { optional: 1 }],
])('refuses %j, %j: %s', (match, action, message, options = {}) => {
  let thrown: unknown;
  try {
    checkTrigger(match, action, options);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: 'invalid-option', message: expect.stringContaining(message) });
});
