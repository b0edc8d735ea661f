import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResults } from './results.js';

const startedAtMs = 1_000_000;
const jest = {
  startTime: startedAtMs + 100,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTotalTestSuites: 2,
  numFailedTestSuites: 0,
  testResults: [
    { startTime: startedAtMs + 200, endTime: startedAtMs + 700 },
    { startTime: startedAtMs + 200, endTime: startedAtMs + 1_100 },
  ],
};
const services = {
  services: [{ service: 'redis', provider: 'local', version: 'Redis 7', endpoint: '127.0.0.1:6379' }],
  failures: [{ code: 'BINARY_MISSING', service: 'object-store', summary: 'none' }],
};

function read(files: Record<string, unknown>): ReturnType<typeof readResults> {
  const folder = mkdtempSync(join(tmpdir(), 'results-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    }
    return readResults(folder, startedAtMs);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the results of a run', () => {
  test('are read by project, in order of name, with the services that it had', () => {
    const found = read({ 'b.json': jest, 'a.json': jest, 'a.services.json': services, 'notes.txt': 'x' });
    expect(found.map(({ project }) => project)).toEqual(['a', 'b']);
    expect(found[0]).toEqual({
      project: 'a',
      suites: 2,
      passed: 3,
      failed: 0,
      skipped: 1,
      elapsedMs: 1_000,
      fromCache: false,
      services: services.services,
      failures: services.failures,
    });
    expect(found[1]).toMatchObject({ services: [], failures: [] });
  });

  test('are from the cache when they are older than the run', () => {
    expect(read({ 'a.json': { ...jest, startTime: startedAtMs - 1 } })).toMatchObject([{ fromCache: true }]);
  });

  test('count a suite that could not be loaded as a failure, and not as an age', () => {
    const broken = {
      ...jest,
      numFailedTestSuites: 1,
      testResults: [{ startTime: 0, endTime: 0 }, ...jest.testResults],
    };
    expect(read({ 'a.json': broken })).toMatchObject([{ failed: 1, elapsedMs: 1_000 }]);
    expect(read({ 'a.json': { ...broken, numFailedTests: 2 } })).toMatchObject([{ failed: 2 }]);
  });

  test('took no time where there was no test', () => {
    expect(read({ 'a.json': { ...jest, testResults: [] } })).toMatchObject([{ elapsedMs: 0 }]);
  });

  test('are passed over where they are none', () => {
    expect(read({ 'a.json': '{ half', 'b.json': {}, 'c.json': [], 'a.services.json': 'x' })).toEqual([]);
    expect(read({ 'a.json': jest, 'a.services.json': { services: 'x' } })).toMatchObject([{ services: [] }]);
    expect(readResults('/absent/folder', 0)).toEqual([]);
  });
});
