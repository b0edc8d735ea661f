import { renderReport } from './report.js';
import type { ProjectResult } from './results.js';

const redis = { service: 'redis', provider: 'local', version: 'Redis 7.0.15', endpoint: '127.0.0.1:6379' };
const result = (project: string, changes: Partial<ProjectResult> = {}): ProjectResult => ({
  project,
  suites: 2,
  passed: 5,
  failed: 0,
  skipped: 0,
  elapsedMs: 1_234,
  fromCache: false,
  services: [],
  failures: [],
  ...changes,
});
const report = (...results: ProjectResult[]): string[] =>
  renderReport({ results, elapsedMs: 4_321, logsFolder: 'logs' }).split('\n');

describe('the report of a run', () => {
  test('shows projects, services, time and logs, and ends with the counts', () => {
    expect(
      report(result('redis-connector', { services: [redis] }), result('shop', { fromCache: true })),
    ).toEqual([
      '',
      'Suites',
      '  ok      redis-connector       2 suites   5 passed      1.2 s',
      '  ok      shop                  2 suites   5 passed      from the cache',
      '',
      'Services',
      '  redis         Redis 7.0.15      local     127.0.0.1:6379',
      '',
      'Tests: 4 suites in 2 projects, 4.3 s in all',
      'Logs:  logs',
      '',
      '10 passed, 0 failed',
    ]);
  });

  test('names what failed and what was left out', () => {
    const lines = report(result('a', { failed: 2 }), result('b', { skipped: 1 }));
    expect(lines[2]).toContain('FAILED  a');
    expect(lines[2]).toContain('5 passed, 2 failed');
    expect(lines[3]).toContain('5 passed, 1 skipped');
    expect(lines.at(-1)).toBe('10 passed, 2 failed, 1 skipped');
  });

  test('shows each service once, and that one was not started when all came from the cache', () => {
    const lines = report(
      result('a', { services: [redis], fromCache: true }),
      result('b', { services: [redis], fromCache: true }),
    );
    expect(lines.filter((line) => line.includes('Redis'))).toEqual([
      '  redis         Redis 7.0.15      local     not started: every suite that needs it came from the cache',
    ]);
  });

  test('keeps columns apart, however long a version is', () => {
    const long = { ...redis, version: 'S3 (Ceph Object Gateway (reef))' };
    expect(report(result('a', { services: [long] })).join('\n')).toContain('(reef)) local ');
  });

  test('says which service could not be had', () => {
    const failures = [
      { code: 'BINARY_MISSING', service: 'object-store', summary: 'radosgw is not installed.' },
    ];
    expect(report(result('a', { failures }))).toContain(
      '  object-store  BINARY_MISSING: radosgw is not installed.',
    );
  });

  test('says that there was nothing', () => {
    const lines = report();
    expect(lines).toContain('  none');
    expect(lines.at(-1)).toBe('0 passed, 0 failed');
  });
});
