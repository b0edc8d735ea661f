import { inspect } from 'node:util';
import { ConnectorError } from '@sqlflow/connector-contract';
import { type RedisSourceOptions, resolveRedisSourceOptions, resolveScanKeysOptions } from './options.js';

const least: RedisSourceOptions = { endpoint: { host: 'localhost' } };

/** The message of the error that `given` is refused with. Some of it no typed caller could write. */
function refusalOf(given: unknown, resolve: (given: never) => unknown = resolveRedisSourceOptions): string {
  try {
    resolve(given as never);
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error).toMatchObject({ code: 'invalid-option', kind: 'terminal', effect: 'none' });
    return (error as Error).message;
  }
  throw new Error('the options were accepted');
}

describe('resolveRedisSourceOptions', () => {
  test('fills in the documented defaults', () => {
    expect(resolveRedisSourceOptions(least)).toEqual({
      endpoint: { host: 'localhost', port: 6379, useTls: false },
      database: 0,
      connectTimeoutMs: 10_000,
      commandTimeoutMs: 30_000,
      retry: { maxAttempts: 3, initialDelayMs: 100, maxDelayMs: 5_000 },
    });
  });

  test('a password prints as stars', () => {
    const resolved = resolveRedisSourceOptions({ ...least, password: 'hunter2' });
    expect(resolved.password?.reveal()).toBe('hunter2');
    expect(inspect(resolved) + JSON.stringify(resolved)).not.toContain('hunter2');
  });

  test.each([
    [{ database: -1 }, '[invalid-option] database is -1; it must be a whole number from 0 to 65535'],
    [{ commandTimeoutMs: 0 }, 'commandTimeoutMs is 0; it must be a whole number from 1 to 2147483647'],
    [{ connectTimeoutMs: NaN }, 'connectTimeoutMs is NaN; it must be a whole number from 1 to 2147483647'],
    [
      { endpoint: { host: 'redis://localhost' } },
      'endpoint.host is "redis://localhost"; it must be a host name',
    ],
    [{ endpoint: undefined }, 'endpoint is missing; it must be an object { host, port, useTls }'],
    [{ username: 'reader' }, 'username is "reader"; it must come together with a password'],
    [{ retry: { maxAttempts: 21 } }, 'retry.maxAttempts is 21; it must be a whole number from 1 to 20'],
  ])('%j is refused by name, value and range', (wrong, message) => {
    expect(refusalOf({ ...least, ...wrong })).toContain(message);
  });

  test('an unknown option is refused by name, without its value', () => {
    expect(refusalOf({ ...least, pasword: 'hunter2' })).toBe('[invalid-option] there is no option "pasword"');
  });

  test('a password of the wrong kind is refused without being shown', () => {
    expect(refusalOf({ ...least, password: 42_424_242 })).toContain('password is ***; it must be a text');
  });
});

describe('resolveScanKeysOptions', () => {
  test('fills in the documented defaults', () => {
    expect(resolveScanKeysOptions({})).toEqual({ count: 1000, encoding: 'utf8' });
  });

  test.each([
    [{ count: 0 }, 'count is 0; it must be a whole number from 1 to 100000'],
    [{ encoding: 'ascii' }, 'encoding is "ascii"; it must be utf8 or latin1'],
    [{ type: '' }, 'type is ""; it must be a text'],
    [{ pattern: '*' }, 'there is no option "pattern"'],
  ])('%j is refused by name, value and range', (wrong, message) => {
    expect(refusalOf(wrong, resolveScanKeysOptions)).toContain(message);
  });
});
