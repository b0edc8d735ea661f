import { ConnectorError, isTransient } from './connector-error.js';

test('the message begins with the code, and the cause and the server code are kept', () => {
  const cause = new Error('below');
  const detail = { kind: 'transient', effect: 'unknown', cause, serverCode: '57P01' } as const;
  const error = new ConnectorError('connection-lost', 'gone', detail);
  expect(error.message).toBe('[connection-lost] gone');
  expect(error).toMatchObject({ name: 'ConnectorError', code: 'connection-lost', ...detail });
});

test('without a cause there is no property of that name', () => {
  const error = new ConnectorError('closed', 'over', { kind: 'terminal', effect: 'none' });
  expect('cause' in error).toBe(false);
  expect(error.serverCode).toBeUndefined();
});

test('only a ConnectorError that says so is transient', () => {
  const transient = new ConnectorError('unavailable', '', { kind: 'transient', effect: 'none' });
  const terminal = new ConnectorError('not-found', '', { kind: 'terminal', effect: 'none' });
  const alike = Object.assign(new Error('alike'), { kind: 'transient', code: 'ECONNRESET' });
  expect([transient, terminal, alike, undefined, 'transient'].map(isTransient)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
