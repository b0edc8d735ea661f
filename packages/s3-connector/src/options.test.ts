import { inspect } from 'node:util';
import { ConnectorError, Secret } from '@sqlflow/connector-contract';
import { resolveBucketName, resolveS3SourceOptions, type S3SourceOptions } from './options.js';

const least: S3SourceOptions = {
  endpoint: { host: 'localhost' },
  bucket: 'orders',
  accessKey: 'reader',
  secretKey: 'hunter2-hunter2',
};

/** The message of the error that `given` is refused with. Some of it no typed caller could write. */
function refusalOf(given: unknown): string {
  try {
    resolveS3SourceOptions(given as S3SourceOptions);
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error).toMatchObject({ code: 'invalid-option', kind: 'terminal', effect: 'none' });
    return (error as Error).message;
  }
  throw new Error('the options were accepted');
}

describe('resolveS3SourceOptions', () => {
  test('fills in the documented defaults', () => {
    const { secretKey, ...rest } = resolveS3SourceOptions(least);
    expect(secretKey.reveal()).toBe('hunter2-hunter2');
    expect(rest).toEqual({
      endpoint: { host: 'localhost', port: 443, useTls: true },
      region: 'us-east-1',
      bucket: 'orders',
      accessKey: 'reader',
      pathStyle: true,
      requestTimeoutMs: 30_000,
      keysPerPage: 1000,
      retry: { maxAttempts: 3, initialDelayMs: 100, maxDelayMs: 5_000 },
    });
  });

  test('without TLS the default port is 80, and a given one stays', () => {
    const portOf = (endpoint: S3SourceOptions['endpoint']): number =>
      resolveS3SourceOptions({ ...least, endpoint }).endpoint.port;
    expect(portOf({ host: 'localhost', useTls: false })).toBe(80);
    expect(portOf({ host: 'localhost', useTls: false, port: 9000 })).toBe(9000);
  });

  test('secrets are given as text or Secret and print as stars', () => {
    const resolved = resolveS3SourceOptions({ ...least, sessionToken: new Secret('token-token') });
    expect(resolved.sessionToken?.reveal()).toBe('token-token');
    expect(inspect(resolved) + JSON.stringify(resolved)).not.toMatch(/hunter2|token-token/);
  });

  test.each([
    [{ keysPerPage: 0 }, '[invalid-option] keysPerPage is 0; it must be a whole number from 1 to 1000'],
    [
      { requestTimeoutMs: Infinity },
      'requestTimeoutMs is Infinity; it must be a whole number from 1 to 2147483647',
    ],
    [{ pathStyle: 'false' }, 'pathStyle is "false"; it must be true or false'],
    [
      { bucket: 'a/../b' },
      'bucket is "a/../b"; it must be 3 to 63 letters, digits, dots, hyphens and underscores',
    ],
    [{ bucket: undefined }, 'bucket is missing; it must be a text'],
    [
      { endpoint: { host: 'http://localhost:9000' } },
      'endpoint.host is "http://localhost:9000"; it must be a host name',
    ],
    [
      { endpoint: { host: 'localhost', port: 65_536 } },
      'endpoint.port is 65536; it must be a whole number from 1 to 65535',
    ],
    [
      { endpoint: 'localhost:9000' },
      'endpoint is "localhost:9000"; it must be an object { host, port, useTls }',
    ],
    [{ retry: { maxAttempts: 0 } }, 'retry.maxAttempts is 0; it must be a whole number from 1 to 20'],
  ])('%j is refused by name, value and range', (wrong, message) => {
    expect(refusalOf({ ...least, ...wrong })).toContain(message);
  });

  test('an unknown option is refused by name, without its value', () => {
    expect(refusalOf({ ...least, secretkey: 'hunter3' })).toBe(
      '[invalid-option] there is no option "secretkey"',
    );
  });

  test('a secret of the wrong kind is refused without being shown', () => {
    expect(refusalOf({ ...least, secretKey: 42_424_242 })).toBe(
      '[invalid-option] secretKey is ***; it must be a text of at least 1 character or a Secret',
    );
  });
});

test('resolveBucketName refuses what would change the path of the request', () => {
  expect(resolveBucketName('a.b-c_1')).toBe('a.b-c_1');
  for (const name of ['', 'ab', 'a?b=c', 'bucket/key', '-ab', 'a'.repeat(64), 'ключи']) {
    expect(() => resolveBucketName(name)).toThrow(ConnectorError);
  }
});
