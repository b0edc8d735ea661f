import { ordinaryRun, projectResult, runSummary, startedAtMs, testResult } from '../test/fixture.js';
import { exitCodes, logOf } from './summary.js';

const redis = { service: 'redis', provider: 'local', version: 'Redis 7', address: '127.0.0.1:6379' };
const leased = (at: number, holder: string, startedInMs?: number) => ({
  ...{ at, event: 'services-leased' as const, holder },
  services: [{ ...redis, ...(startedInMs !== undefined && { startedInMs }) }],
});

describe('the summary of a run', () => {
  test('tells of a service how long its start took, and from when to when each project held it', () => {
    const { services } = runSummary({
      endedAtMs: startedAtMs + 900,
      events: [
        leased(startedAtMs + 100, 'a', 34),
        leased(startedAtMs + 200, 'b'),
        { at: startedAtMs + 500, event: 'services-returned', holder: 'b' },
      ],
    });
    expect(services).toEqual([
      {
        ...redis,
        startedInMs: 34,
        held: [
          { fromMs: startedAtMs + 100, toMs: startedAtMs + 900 },
          { fromMs: startedAtMs + 200, toMs: startedAtMs + 500 },
        ],
      },
    ]);
  });

  test('tells of a lease when it was asked for and given back', () => {
    const lease = { kind: 'bucket' as const, name: 'test-a', tookMs: 20 };
    const { leases } = runSummary({
      events: [
        { at: 120, event: 'lease-taken', ...lease },
        { at: 500, event: 'lease-returned', ...lease },
        { at: 600, event: 'lease-taken', ...lease, name: 'test-b' },
      ],
    });
    expect(leases).toEqual([
      { kind: 'bucket', name: 'test-a', fromMs: 100, toMs: 500 },
      { kind: 'bucket', name: 'test-b', fromMs: 580 },
    ]);
  });

  test('counts over all projects, and names a service that could not be had once', () => {
    const failure = { code: 'BINARY_MISSING', service: 'redis', summary: 'no redis-server' };
    const summary = runSummary({
      verdict: 'no-services',
      projects: [
        projectResult({ failures: [failure] }),
        projectResult({ project: 'b', failures: [failure] }),
      ],
      events: [{ at: 1, event: 'service-failed', ...failure }],
    });
    expect(summary.serviceFailures).toEqual([failure]);
    expect(summary).toMatchObject({ exitCode: 2, totals: { projects: 2, files: 2, passed: 2, failed: 0 } });
  });

  test('is a document as it is', () => {
    const { summary } = ordinaryRun();
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  test('has an exit code for each verdict', () => {
    expect(exitCodes).toEqual({
      ...{ passed: 0, error: 1, 'timed-out': 1, 'no-services': 2, failed: 3, interrupted: 130 },
    });
  });
});

test('the log of a test is what was logged while it ran, and a moment before and after', () => {
  const test = testResult({ startedAtMs: 1_000, tookMs: 100 });
  const lines = [899, 900, 1_400, 1_401].map((atMs) => ({ atMs, text: String(atMs) }));
  expect(
    logOf(
      test,
      new Map([
        ['redis', lines],
        ['postgres', []],
      ]),
    ),
  ).toEqual([{ service: 'redis', lines: ['900', '1400'] }]);
  expect(logOf(testResult({ startedAtMs: undefined }), new Map([['redis', lines]]))).toEqual([]);
});
