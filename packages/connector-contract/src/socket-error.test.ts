import { classifySocketError, errorCodeOf } from './socket-error.js';

function failing(code: unknown): Error {
  return Object.assign(new Error('as the driver says it'), { code });
}

test.each([
  ['ECONNREFUSED', 'connection-refused', 'transient'],
  ['ECONNRESET', 'connection-lost', 'transient'],
  ['ETIMEDOUT', 'timeout', 'transient'],
  ['EAI_AGAIN', 'host-not-found', 'transient'],
  ['ENOTFOUND', 'host-not-found', 'terminal'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls-failed', 'terminal'],
  ['CERT_NOT_YET_VALID', 'tls-failed', 'terminal'],
  ['CERT_REVOKED', 'tls-failed', 'terminal'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'tls-failed', 'terminal'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls-failed', 'terminal'],
  ['EPROTO', 'tls-failed', 'terminal'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-failed', 'terminal'],
])('%s is %s, %s', (errno, code, kind) => {
  expect(classifySocketError(failing(errno))).toEqual({ code, kind });
});

test('an error of every address is judged by the first', () => {
  const error = new AggregateError([failing('ECONNREFUSED'), failing('ENETUNREACH')]);
  expect(classifySocketError(error)).toEqual({ code: 'connection-refused', kind: 'transient' });
});

test.each([
  [new Error('ECONNREFUSED')],
  [failing('23505')],
  [failing(7)],
  [undefined],
  ['ECONNREFUSED'],
  [null],
])('what carries no errno is not classified: %p', (error) => {
  expect(classifySocketError(error)).toBeUndefined();
});

test('a code is told only if it is text', () => {
  expect(errorCodeOf(failing('EPIPE'))).toBe('EPIPE');
  expect(errorCodeOf(failing(42))).toBeUndefined();
});
