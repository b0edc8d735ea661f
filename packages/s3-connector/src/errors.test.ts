import { ConnectorError, type ConnectorErrorCode } from '@sqlflow/connector-contract';
import { connectionError, protocolError, refusalError } from './errors.js';

describe('refusalError', () => {
  test.each<[number, string | undefined, ConnectorErrorCode, 'transient' | 'terminal']>([
    [404, 'NoSuchBucket', 'not-found', 'terminal'],
    [403, 'AccessDenied', 'permission-denied', 'terminal'],
    [403, 'InvalidAccessKeyId', 'authentication-failed', 'terminal'],
    [403, 'SignatureDoesNotMatch', 'authentication-failed', 'terminal'],
    [403, 'RequestTimeTooSkewed', 'authentication-failed', 'terminal'],
    [400, 'ExpiredToken', 'authentication-failed', 'terminal'],
    [503, 'SlowDown', 'throttled', 'transient'],
    [503, 'ServiceUnavailable', 'unavailable', 'transient'],
    [500, 'InternalError', 'unavailable', 'transient'],
    [400, 'RequestTimeout', 'timeout', 'transient'],
    [301, 'PermanentRedirect', 'invalid-request', 'terminal'],
    // Codes that are not listed are judged by the status.
    [403, 'SomethingNew', 'permission-denied', 'terminal'],
    [404, 'SomethingNew', 'not-found', 'terminal'],
    [400, 'SomethingNew', 'invalid-request', 'terminal'],
    [429, 'SomethingNew', 'throttled', 'transient'],
    [502, 'SomethingNew', 'unavailable', 'transient'],
    [501, 'SomethingNew', 'unsupported', 'terminal'],
    // No error document: a proxy, or no store at all.
    [502, undefined, 'unavailable', 'transient'],
    [429, undefined, 'throttled', 'transient'],
    [408, undefined, 'timeout', 'transient'],
    [404, undefined, 'protocol-violation', 'terminal'],
    [403, undefined, 'protocol-violation', 'terminal'],
    [204, undefined, 'protocol-violation', 'terminal'],
  ])('HTTP %d with %s is %s, %s', (status, code, expected, kind) => {
    const error = refusalError({ status, ...(code !== undefined && { code }) }, 'bucket "orders"');
    expect(error).toMatchObject({ code: expected, kind, effect: 'none', serverCode: code });
  });

  test('tells what was asked for and what the store said', () => {
    const refusal = { status: 404, code: 'NoSuchBucket', message: 'The bucket does not exist' };
    expect(refusalError(refusal, 'bucket "orders"').message).toBe(
      '[not-found] bucket "orders": the store answered HTTP 404, NoSuchBucket: The bucket does not exist',
    );
  });
});

describe('connectionError', () => {
  test.each<[string, ConnectorErrorCode, 'transient' | 'terminal']>([
    ['ECONNREFUSED', 'connection-refused', 'transient'],
    ['ECONNRESET', 'connection-lost', 'transient'],
    ['ENOTFOUND', 'host-not-found', 'terminal'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-failed', 'terminal'],
    ['HPE_INVALID_CONSTANT', 'protocol-violation', 'terminal'],
    ['EWHATEVER', 'connection-lost', 'transient'],
  ])('%s is %s, %s', (errno, code, kind) => {
    const cause = Object.assign(new Error('from the system'), { code: errno });
    const error = connectionError(cause, 'localhost:9000');
    expect(error).toMatchObject({ code, kind, effect: 'none', serverCode: errno, cause });
    expect(error.message).toContain('localhost:9000');
  });

  test('an error that is classified already stays as it is', () => {
    const classified: ConnectorError = protocolError('it ends early');
    expect(connectionError(classified, 'localhost:9000')).toBe(classified);
  });
});
