import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProjectResult, readMarkers, readResult } from './results.js';

const startedAtMs = 1_000_000;
const assertion = { ancestorTitles: ['a suite @redis', 'inner @slow'], title: 'works @smoke' };
const file = {
  name: '/w/packages/shop/test/integration/a.integration.test.ts',
  startTime: startedAtMs + 200,
  endTime: startedAtMs + 1_100,
  status: 'passed',
  message: '',
  assertionResults: [
    { ...assertion, status: 'passed', duration: 12, startAt: startedAtMs + 300, failureMessages: [] },
    { ...assertion, title: 'is left out', status: 'pending', duration: null, startAt: null },
    {
      ...assertion,
      title: 'breaks',
      status: 'failed',
      duration: 5,
      failureMessages: ['\u001b[31mError: one\u001b[39m\n    at x', 'Error: two'],
    },
  ],
};
const jest = { startTime: startedAtMs + 100, numTotalTestSuites: 1, testResults: [file] };
const services = {
  services: [{ service: 'redis', provider: 'local', version: 'Redis 7', endpoint: '127.0.0.1:6379' }],
  failures: [{ code: 'BINARY_MISSING', service: 'object-store', summary: 'none' }],
};

function read(files: Record<string, unknown>, name = 'shop'): ProjectResult | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'results-'));
  try {
    for (const [base, content] of Object.entries(files)) {
      writeFileSync(join(folder, base), typeof content === 'string' ? content : JSON.stringify(content));
    }
    return readResult(folder, { name, services: ['redis'] }, { startedAtMs, workspaceRoot: '/w' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the result of a project', () => {
  test('has its tests, with their tags and services apart from their titles, and the services that it had', () => {
    const path = 'packages/shop/test/integration/a.integration.test.ts';
    const common = { file: path, services: ['redis'] };
    expect(read({ 'shop.json': jest, 'shop.services.json': services })).toEqual({
      project: 'shop',
      ...{ passed: 1, failed: 1, skipped: 1, elapsedMs: 1_000, fromCache: false },
      files: [{ file: path, startedAtMs: startedAtMs + 200, endedAtMs: startedAtMs + 1_100 }],
      tests: [
        {
          ...common,
          titles: ['a suite', 'inner', 'works'],
          tags: ['slow', 'smoke'],
          status: 'passed',
          startedAtMs: startedAtMs + 300,
          tookMs: 12,
        },
        {
          ...common,
          titles: ['a suite', 'inner', 'is left out'],
          tags: ['slow'],
          status: 'skipped',
          tookMs: 0,
        },
        {
          ...common,
          titles: ['a suite', 'inner', 'breaks'],
          tags: ['slow'],
          status: 'failed',
          tookMs: 5,
          message: 'Error: one\n    at x\n\nError: two',
        },
      ],
      services: services.services,
      failures: services.failures,
    });
  });

  test('is from the cache when it is older than the run', () => {
    expect(read({ 'shop.json': { ...jest, startTime: startedAtMs - 1 } })).toMatchObject({ fromCache: true });
  });

  test('counts a file that could not be loaded as a failure, and not as an age', () => {
    const unread = {
      ...file,
      startTime: 0,
      endTime: 0,
      status: 'failed',
      message: 'no module',
      assertionResults: [],
    };
    const result = read({ 'shop.json': { ...jest, testResults: [unread] } });
    expect(result).toMatchObject({ failed: 1, elapsedMs: 0 });
    expect(result?.tests).toMatchObject([{ titles: ['(the file could not be run)'], message: 'no module' }]);
  });

  test('does not hold a file of which nothing was chosen for one that ran', () => {
    const left = { ...file, assertionResults: file.assertionResults.slice(1, 2) };
    expect(read({ 'shop.json': { ...jest, testResults: [left] } })).toMatchObject({ files: [], skipped: 1 });
  });

  test('is none where it is missing, or is something else', () => {
    expect(read({})).toBeUndefined();
    expect(read({ 'shop.json': '{ half' })).toBeUndefined();
    expect(read({ 'shop.json': [] })).toBeUndefined();
    expect(read({ 'shop.json': jest, 'shop.services.json': 'x' })).toMatchObject({ services: [] });
  });

  test('is found for a name with a scope', () => {
    expect(read({ '-scope-shop.json': jest }, '@scope/shop')).toMatchObject({ project: '@scope/shop' });
  });

  test('keeps a message of megabytes short', () => {
    const long = {
      ...file,
      assertionResults: [{ ...file.assertionResults[2]!, failureMessages: ['x'.repeat(1e6)] }],
    };
    const [failed] = read({ 'shop.json': { ...jest, testResults: [long] } })?.tests ?? [];
    expect(failed?.message?.length).toBeLessThan(21_000);
  });
});

test.each([
  ['reads @postgres @smoke', 'reads', ['postgres', 'smoke']],
  ['reads', 'reads', []],
  ['mails a@b @c d', 'mails a@b @c d', []],
  ['@smoke', '@smoke', []],
])('the markers of %j are read', (given, title, words) => {
  expect(readMarkers(given)).toEqual({ title, words });
});
