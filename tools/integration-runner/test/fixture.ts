import type { LogLine } from '../src/log-lines.js';
import type { ProjectResult, TestResult } from '../src/results.js';
import { type RunFacts, type RunSummary, summarize } from '../src/summary.js';

/** 2026-11-22 14:05:09 UTC, when all runs of the tests begin. */
export const startedAtMs = Date.UTC(2026, 10, 22, 14, 5, 9);

export function testResult(changes: Partial<TestResult> = {}): TestResult {
  return {
    file: 'packages/shop/test/integration/orders.integration.test.ts',
    titles: ['orders', 'are found again'],
    tags: [],
    services: ['postgres'],
    status: 'passed',
    startedAtMs: startedAtMs + 1_000,
    tookMs: 120,
    message: undefined,
    ...changes,
  };
}

export function projectResult(changes: Partial<ProjectResult> = {}): ProjectResult {
  const tests = changes.tests ?? [testResult()];
  const count = (status: string): number => tests.filter((test) => test.status === status).length;
  const files = [...new Set(tests.map(({ file }) => file))].map((file) => {
    const own = tests.filter((test) => test.file === file);
    const starts = own.map((test) => test.startedAtMs ?? startedAtMs);
    const ends = own.map((test) => (test.startedAtMs ?? startedAtMs) + test.tookMs);
    return { file, startedAtMs: Math.min(...starts) - 400, endedAtMs: Math.max(...ends) + 30 };
  });
  return {
    project: 'shop',
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    elapsedMs: 1_234,
    fromCache: false,
    files,
    services: [],
    failures: [],
    ...changes,
    tests,
  };
}

export function runSummary(facts: Partial<RunFacts> = {}): RunSummary {
  return summarize({
    verdict: 'passed',
    startedAtMs,
    endedAtMs: startedAtMs + 12_345,
    command: ['./integration'],
    projects: [projectResult()],
    events: [],
    ...facts,
  });
}

/** A run as there are many: three projects, one of them cached, two failures, a fault. */
export function ordinaryRun(): { summary: RunSummary; logs: Map<string, LogLine[]> } {
  const at = (ms: number): number => startedAtMs + ms;
  const folder = 'packages/postgres-connector/test/integration/';
  const file = (name: string): string => `${folder}${name}.integration.test.ts`;
  const names = ['connection', 'discovery', 'identifiers', 'memory', 'reading', 'tls', 'types'];
  const tests = names.flatMap((name, index) =>
    Array.from({ length: 4 + ((index * 3) % 7) }, (_, number) => {
      const failed = name === 'reading' && number === 3;
      return testResult({
        file: file(name),
        titles: [
          name,
          failed
            ? 'an abort frees the server though the consumer never comes back'
            : `part ${String(number + 1)} of what is promised of ${name}`,
        ],
        tags: number === 0 ? ['smoke'] : name === 'memory' ? ['slow'] : [],
        status: failed ? 'failed' : 'passed',
        startedAtMs: at(2_600 + index * 1_150 + number * 110),
        tookMs: name === 'memory' ? 105 : 30 + ((number * 37) % 70),
        message: failed
          ? `Error: expect(received).toEqual(expected) // deep equality\n\nExpected: []\nReceived: [{"pid": 4711, "state": "active"}]\n\n    at Object.<anonymous> (${file(name)}:61:54)`
          : undefined,
      });
    }),
  );
  const leases = tests.flatMap((test, index) => {
    const name = `test_d412c950cd_m8h_${String(index)}`;
    const start = test.startedAtMs ?? 0;
    const common = {
      kind: 'database' as const,
      name,
      file: `/home/me/sqlflow/${test.file}`,
      test: test.titles.join(' '),
    };
    return [
      { ...common, event: 'lease-taken' as const, at: start + 12, tookMs: 10 },
      { ...common, event: 'lease-returned' as const, at: start + test.tookMs, tookMs: 6 },
    ];
  });
  const redisFile = 'packages/redis-connector/test/integration/scan-keys.integration.test.ts';
  const redisTests = Array.from({ length: 9 }, (_, number) =>
    testResult({
      file: redisFile,
      titles: ['scanKeys of redisSource', `finds every key, however they come and go (${String(number)})`],
      services: ['redis'],
      tags: number === 5 ? ['fault'] : [],
      status: number === 7 ? 'failed' : number === 8 ? 'skipped' : 'passed',
      startedAtMs: at(3_000 + number * 420),
      tookMs: 380,
      message: number === 7 ? 'thrown: "Exceeded timeout of 60000 ms for a test."' : undefined,
    }),
  );
  const postgres = {
    service: 'postgres',
    provider: 'local',
    version: 'PostgreSQL 15.18',
    address: '127.0.0.1:5432',
  };
  const redis = { service: 'redis', provider: 'local', version: 'Redis 7.0.15', address: '127.0.0.1:6379' };
  const endpoint = ({ address, ...service }: typeof redis) => ({ ...service, endpoint: address });
  const summary = runSummary({
    verdict: 'failed',
    command: ['./integration', '--parallel', '2'],
    projects: [
      projectResult({
        project: 'postgres-connector',
        tests,
        elapsedMs: 9_120,
        services: [endpoint(postgres)],
      }),
      projectResult({
        project: 'redis-connector',
        tests: redisTests,
        elapsedMs: 4_400,
        services: [endpoint(redis)],
      }),
      projectResult({
        project: 's3-connector',
        fromCache: true,
        tests: [
          testResult({
            services: ['object-store'],
            file: 'packages/s3-connector/test/integration/list.integration.test.ts',
          }),
        ],
        services: [
          {
            service: 'object-store',
            provider: 'local',
            version: 'S3 (Ceph reef)',
            endpoint: '127.0.0.1:9000',
          },
        ],
      }),
    ],
    events: [
      {
        event: 'services-leased',
        at: at(2_400),
        holder: 'postgres-connector: jest',
        services: [{ ...postgres, startedInMs: 240 }],
      },
      {
        event: 'services-leased',
        at: at(2_450),
        holder: 'redis-connector: jest',
        services: [{ ...redis, startedInMs: 34 }],
      },
      { event: 'services-returned', at: at(7_000), holder: 'redis-connector: jest' },
      { event: 'services-returned', at: at(11_800), holder: 'postgres-connector: jest' },
      { event: 'fault', at: at(5_110), kind: 'reset_peer', detail: 'downstream, after 65536 bytes' },
      ...leases,
    ],
  });
  const failedAt = tests.find(({ status }) => status === 'failed')?.startedAtMs ?? 0;
  const logs = new Map([
    [
      'postgres',
      [
        {
          atMs: failedAt + 20,
          text: '2026-11-22 14:05:16.550 UTC [4711] ERROR:  canceling statement due to user request',
        },
        { atMs: failedAt + 20, text: '2026-11-22 14:05:16.550 UTC [4711] STATEMENT:  SELECT pg_sleep(30)' },
      ],
    ],
  ]);
  return { summary, logs };
}
