import { inspect } from 'node:util';
import type { ConnectorErrorCode } from '@sqlflow/connector-contract';
import { connectionError, replyError } from './errors.js';

/** An error reply as ioredis makes it: with the command and its arguments. */
const reply = (message: string, name = 'SCAN', args: string[] = []): Error =>
  Object.assign(new Error(message), { name: 'ReplyError', command: { name, args } });

describe('replyError', () => {
  test.each<[string, ConnectorErrorCode, 'transient' | 'terminal', string | undefined]>([
    ['NOAUTH Authentication required.', 'authentication-failed', 'terminal', 'NOAUTH'],
    ['WRONGPASS invalid username-password pair', 'authentication-failed', 'terminal', 'WRONGPASS'],
    [
      "NOPERM this user has no permissions to run the 'scan' command",
      'permission-denied',
      'terminal',
      'NOPERM',
    ],
    ['LOADING Redis is loading the dataset in memory', 'unavailable', 'transient', 'LOADING'],
    ['BUSY Redis is busy running a script', 'unavailable', 'transient', 'BUSY'],
    ['MASTERDOWN Link with MASTER is down', 'unavailable', 'transient', 'MASTERDOWN'],
    ["READONLY You can't write against a read only replica.", 'unavailable', 'transient', 'READONLY'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'unavailable', 'transient', 'OOM'],
    ['MOVED 3999 127.0.0.1:6381', 'unsupported', 'terminal', 'MOVED'],
    ['WRONGTYPE Operation against a key', 'invalid-data', 'terminal', 'WRONGTYPE'],
    ['ERR syntax error', 'invalid-request', 'terminal', 'ERR'],
    ['NEWCODE of a module', 'invalid-request', 'terminal', 'NEWCODE'],
    ['no prefix at all', 'invalid-request', 'terminal', undefined],
    ['ERRATIC', 'invalid-request', 'terminal', 'ERRATIC'],
  ])('%s is %s, %s', (message, code, kind, serverCode) => {
    expect(replyError(reply(message), 'SCAN')).toMatchObject({ code, kind, effect: 'none', serverCode });
  });

  test('the general ERR means what it can mean where the command leaves no doubt', () => {
    expect(replyError(reply('ERR DB index is out of range'), 'SELECT').code).toBe('not-found');
    expect(replyError(reply('ERR AUTH called without any password configured'), 'AUTH').code).toBe(
      'authentication-failed',
    );
    expect(replyError(reply('LOADING'), 'SELECT').code).toBe('unavailable');
  });

  test('a password is nowhere in the error, though ioredis and Redis both repeat it', () => {
    const message = "ERR unknown command 'AUTH', with args beginning with: 'hunter2'";
    const error = replyError(reply(message, 'AUTH', ['hunter2']), 'AUTH');
    expect(inspect(error, { showHidden: true, depth: 9 }) + JSON.stringify(error)).not.toContain('hunter2');
  });
});

describe('connectionError', () => {
  test.each<[string, ConnectorErrorCode, 'transient' | 'terminal']>([
    ['ECONNREFUSED', 'connection-refused', 'transient'],
    ['ECONNRESET', 'connection-lost', 'transient'],
    ['ENOTFOUND', 'host-not-found', 'terminal'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-failed', 'terminal'],
  ])('%s is %s, %s', (errno, code, kind) => {
    const cause = Object.assign(new Error('from the system'), { code: errno });
    expect(connectionError(cause, 'localhost:6379')).toMatchObject({
      code,
      kind,
      effect: 'none',
      serverCode: errno,
      cause,
    });
  });

  test('a connection that ends without a word is lost', () => {
    const error = connectionError(new Error('closed'), 'localhost:6379');
    expect(error).toMatchObject({ code: 'connection-lost', kind: 'transient' });
    expect(error.message).toContain('localhost:6379');
  });
});
