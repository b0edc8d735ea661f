import { checkFailure, connectionReport } from './connection-report.js';
import { ConnectorError, type ConnectorErrorCode } from './connector-error.js';

const findings = { options: 'o', dns: 'd', tcp: 't', authentication: 'a', container: 'c', privilege: 'p' };
const errorOf = (code: ConnectorErrorCode, kind: 'transient' | 'terminal'): ConnectorError =>
  new ConnectorError(code, 'what went wrong', { kind, effect: 'none' });

test('a good connection passed every stage that applies', () => {
  const report = connectionReport({ findings, server: 'a store', elapsedMs: 5 });
  expect(report).toMatchObject({ ok: true, server: 'a store', elapsedMs: 5 });
  expect(report.stages.map(({ stage, outcome }) => `${stage} ${outcome}`)).toEqual([
    'options passed',
    'dns passed',
    'tcp passed',
    'tls skipped',
    'authentication passed',
    'container passed',
    'privilege passed',
  ]);
  expect(report).not.toHaveProperty('failedStage');
});

test('stages before the failed one passed, those after it are skipped', () => {
  const error = errorOf('authentication-failed', 'terminal');
  const report = connectionReport({ findings, failure: { stage: 'authentication', error }, elapsedMs: 5 });
  expect(report).toMatchObject({
    ok: false,
    failedStage: 'authentication',
    failureCode: 'authentication-failed',
  });
  expect(report.stages.map(({ outcome }) => outcome)).toEqual([
    'passed',
    'passed',
    'passed',
    'skipped',
    'failed',
    'skipped',
    'skipped',
  ]);
  expect(report.stages[4]?.message).toBe('[authentication-failed] what went wrong');
  expect(report.stages[5]?.message).toBe('not tried, since authentication failed');
});

test('a stage that does not apply says why, if the connector says so', () => {
  const messageOfTls = (inapplicable?: { tls: string }): string | undefined =>
    connectionReport({ findings, ...(inapplicable && { inapplicable }), elapsedMs: 5 }).stages[3]?.message;
  expect(messageOfTls({ tls: 'TLS is not asked for' })).toBe('TLS is not asked for');
  expect(messageOfTls()).toBe('it does not apply');
});

test.each<[ConnectorErrorCode, 'transient' | 'terminal', string | undefined]>([
  ['tls-failed', 'terminal', 'tls'],
  ['authentication-failed', 'terminal', 'authentication'],
  ['not-found', 'terminal', 'container'],
  ['permission-denied', 'terminal', 'privilege'],
  ['protocol-violation', 'terminal', 'authentication'],
  ['connection-refused', 'transient', undefined],
  ['timeout', 'transient', undefined],
  ['host-not-found', 'terminal', undefined],
  ['closed', 'terminal', undefined],
])('%s, %s, belongs to stage %s', (code, kind, stage) => {
  const error = errorOf(code, kind);
  expect(checkFailure(error, 'authentication')).toEqual(stage && { stage, error });
});

test('what is no error of a connector is not reported', () => {
  expect(checkFailure(new Error('a bug'), 'authentication')).toBeUndefined();
});
