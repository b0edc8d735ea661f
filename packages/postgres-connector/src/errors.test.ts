import { ConnectorError } from '@sqlflow/connector-contract';
import { DatabaseError } from 'pg';
import { classifySqlState, toConnectorError } from './errors.js';

function serverError(sqlState: string, message: string): DatabaseError {
  return Object.assign(new DatabaseError(message, message.length, 'error'), { code: sqlState });
}

test.each([
  ['08000', 'connection-lost', 'transient'],
  ['08006', 'connection-lost', 'transient'],
  ['08P01', 'protocol-violation', 'terminal'],
  ['0A000', 'unsupported', 'terminal'],
  ['22012', 'invalid-data', 'terminal'],
  ['22023', 'invalid-request', 'terminal'],
  ['22P05', 'unsupported', 'terminal'],
  ['23505', 'invalid-data', 'terminal'],
  ['25001', 'invalid-request', 'terminal'],
  ['25006', 'permission-denied', 'terminal'],
  ['25P02', 'conflict', 'terminal'],
  ['25P03', 'connection-lost', 'transient'],
  ['25P04', 'timeout', 'transient'],
  ['28000', 'authentication-failed', 'terminal'],
  ['28P01', 'authentication-failed', 'terminal'],
  ['3D000', 'not-found', 'terminal'],
  ['3F000', 'not-found', 'terminal'],
  ['40001', 'conflict', 'transient'],
  ['40P01', 'conflict', 'transient'],
  ['42501', 'permission-denied', 'terminal'],
  ['42601', 'invalid-request', 'terminal'],
  ['42703', 'not-found', 'terminal'],
  ['42704', 'not-found', 'terminal'],
  ['42883', 'not-found', 'terminal'],
  ['42P01', 'not-found', 'terminal'],
  ['53000', 'unavailable', 'transient'],
  ['53100', 'unavailable', 'transient'],
  ['53200', 'unavailable', 'transient'],
  ['53300', 'unavailable', 'transient'],
  ['53400', 'invalid-request', 'terminal'],
  ['55000', 'invalid-request', 'terminal'],
  ['55006', 'conflict', 'transient'],
  ['55P03', 'conflict', 'transient'],
  ['57014', 'timeout', 'transient'],
  ['57P01', 'connection-lost', 'transient'],
  ['57P02', 'connection-lost', 'transient'],
  ['57P03', 'unavailable', 'transient'],
  ['57P04', 'not-found', 'terminal'],
  ['57P05', 'connection-lost', 'transient'],
  ['58030', 'unavailable', 'transient'],
  ['58P01', 'not-found', 'terminal'],
  ['HV00N', 'unavailable', 'transient'],
  ['XX000', 'unavailable', 'terminal'],
  ['XX001', 'unavailable', 'terminal'],
  ['ZZZZZ', 'invalid-request', 'terminal'],
])('SQLSTATE %s is %s, %s', (sqlState, code, kind) => {
  expect(classifySqlState(sqlState)).toEqual({ code, kind });
});

test('an error of the server keeps its words, its code and itself', () => {
  const cause = serverError('42P01', 'relation "x" does not exist');
  const error = toConnectorError(cause, 'reading "x"');
  expect(error).toMatchObject({ code: 'not-found', serverCode: '42P01', effect: 'none', cause });
  expect(error.message).toBe('[not-found] reading "x" failed: relation "x" does not exist (SQLSTATE 42P01)');
});

test.each(['22P02', '23505', 'P0001'])(
  'the words of SQLSTATE %s may quote a row and are left out',
  (sqlState) => {
    expect(toConnectorError(serverError(sqlState, 'bad value "4111 1111"'), 'reading').message).not.toContain(
      '4111',
    );
  },
);

test('an error of the operating system is known by its errno', () => {
  const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  const error = toConnectorError(cause, 'connecting to h:1');
  expect(error).toMatchObject({ code: 'connection-refused', kind: 'transient', serverCode: 'ECONNREFUSED' });
  expect(error.message).toContain('connection refused');
});

test('an error without a code is what its place says, whatever its text', () => {
  const text = new Error('password authentication failed');
  expect(toConnectorError(text, 'reading')).toMatchObject({ code: 'connection-lost', kind: 'transient' });
  const otherwise = { code: 'tls-failed', kind: 'terminal' } as const;
  expect(toConnectorError(text, 'connecting', otherwise)).toMatchObject(otherwise);
});

test('a ConnectorError is not wrapped again', () => {
  const error = new ConnectorError('closed', 'over', { kind: 'terminal', effect: 'none' });
  expect(toConnectorError(error, 'reading')).toBe(error);
});
