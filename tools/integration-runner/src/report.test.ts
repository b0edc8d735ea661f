import { ordinaryRun, projectResult, runSummary, testResult } from '../test/fixture.js';
import { firstLine, renderReport } from './report.js';
import type { RunSummary } from './summary.js';

const places = { reportFile: 'logs/report.html', runFolder: 'logs' };
const lines = (summary: RunSummary): string[] => renderReport(summary, places).split('\n');

describe('the report of a run', () => {
  test('shows projects, services and places, and ends with the counts', () => {
    const redis = {
      service: 'redis',
      provider: 'local',
      version: 'Redis 7.0.15',
      endpoint: '127.0.0.1:6379',
    };
    const projects = [
      projectResult({ project: 'redis-connector', services: [redis] }),
      projectResult({ fromCache: true }),
    ];
    const offer = { ...redis, address: redis.endpoint };
    const events = [{ at: 1, event: 'services-leased' as const, holder: 'h', services: [offer] }];
    expect(lines(runSummary({ projects, events }))).toEqual([
      '',
      'Suites',
      '  ok      redis-connector       1 files    1 passed      1.2 s',
      '  ok      shop                  1 files    1 passed      from the cache',
      '',
      'Services',
      '  redis         Redis 7.0.15      local     127.0.0.1:6379',
      '',
      'Tests:  2 files in 2 projects, 12.3 s in all',
      'Report: logs/report.html',
      'Logs:   logs',
      '',
      '2 passed, 0 failed',
    ]);
  });

  test('names each failed test right before its closing lines', () => {
    const { summary } = ordinaryRun();
    expect(lines(summary).slice(-13, -6)).toEqual([
      'Failed',
      '  postgres-connector  packages/postgres-connector/test/integration/reading.integration.test.ts',
      '    reading › an abort frees the server though the consumer never comes back',
      '      Error: expect(received).toEqual(expected) // deep equality',
      '  redis-connector  packages/redis-connector/test/integration/scan-keys.integration.test.ts',
      '    scanKeys of redisSource › finds every key, however they come and go (7)',
      '      thrown: "Exceeded timeout of 60000 ms for a test."',
    ]);
    expect(lines(summary).at(-1)).toBe('56 passed, 2 failed, 1 skipped');
  });

  test('names 50 of many, and says how many more there are', () => {
    const tests = Array.from({ length: 60 }, () => testResult({ status: 'failed', message: 'Error: x' }));
    const text = lines(runSummary({ projects: [projectResult({ tests })] }));
    expect(text.filter((line) => line.startsWith('      Error'))).toHaveLength(50);
    expect(text).toContain('  … and 10 more, in the report');
  });

  test('says where a service was not started, and why one could not be had', () => {
    const text = lines(
      runSummary({
        projects: [
          projectResult({
            fromCache: true,
            services: [{ service: 'redis', provider: 'local', version: 'Redis 7', endpoint: 'x:1' }],
            failures: [
              { code: 'BINARY_MISSING', service: 'object-store', summary: 'radosgw is not installed.' },
            ],
          }),
        ],
      }),
    );
    expect(text).toContain(
      '  redis         Redis 7           local     not started: every suite that needs it came from the cache',
    );
    expect(text).toContain('  object-store  BINARY_MISSING: radosgw is not installed.');
  });

  test('says what was kept, and whose it was', () => {
    const kept = [{ kind: 'database' as const, name: 'kept_a', project: 'shop', test: undefined }];
    expect(lines(runSummary({ kept }))).toEqual(
      expect.arrayContaining([
        'Kept (removed by ./integration --cleanup-only)',
        '  database  kept_a  shop: a hook',
      ]),
    );
  });

  test('says that there was nothing', () => {
    const text = lines(runSummary({ projects: [] }));
    expect(text.filter((line) => line === '  none')).toHaveLength(2);
    expect(text.at(-1)).toBe('0 passed, 0 failed');
  });
});

test.each([
  ['\n\n  Error: x\n at y', 'Error: x'],
  ['', 'no message'],
  [undefined, 'no message'],
])('the first line of %j', (message, line) => {
  expect(firstLine(message)).toBe(line);
});
