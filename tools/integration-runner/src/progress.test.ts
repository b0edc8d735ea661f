import { projectResult, testResult } from '../test/fixture.js';
import { Progress } from './progress.js';

const redis = { service: 'redis', provider: 'local', version: 'Redis 7', address: '127.0.0.1:6379' };

function setting(verbose = false) {
  const lines: string[] = [];
  let now = 0;
  const print = (line: string) => void lines.push(line);
  const progress = new Progress({ projects: 3, verbose, print, nowMs: () => now });
  const after = (ms: number) => {
    now += ms;
    progress.tick();
  };
  const testEnded = (name: string, status: string) =>
    progress.onEvent({ at: 0, event: 'test-ended', project: 'shop', file: 'a', name, status, tookMs: 12 });
  return { progress, lines, after, testEnded };
}

describe('the progress of a run', () => {
  test('breaks every silence of five seconds with what goes on', () => {
    const { progress, lines, after, testEnded } = setting();
    after(4_999);
    expect(lines).toEqual([]);
    after(1);
    progress.onEvent({ at: 0, event: 'run-started', project: 'shop', files: 2 });
    testEnded('a', 'passed');
    testEnded('b', 'pending');
    after(5_000);
    progress.onEvent({ at: 0, event: 'file-ended', project: 'shop', file: 'a', failed: 0 });
    after(5_000);
    expect(lines).toEqual([
      '   5 s  0 of 3 projects done; Nx is at work',
      '  10 s  0 of 3 projects done; shop (file 1 of 2, 1 tests)',
      '  15 s  0 of 3 projects done; shop (file 2 of 2, 1 tests)',
    ]);
  });

  test('names each service once, and a failure at once', () => {
    const { progress, lines, testEnded } = setting();
    const leased = { at: 0, event: 'services-leased' as const, holder: 'h' };
    progress.onEvent({ ...leased, services: [{ ...redis, startedInMs: 34.4 }] });
    progress.onEvent({ ...leased, services: [redis] });
    testEnded('a suite @redis works @smoke', 'passed');
    testEnded('a suite @redis breaks', 'failed');
    expect(lines).toEqual([
      '  redis         Redis 7 at 127.0.0.1:6379 (local, started in 34 ms)',
      '  FAILED  shop › a suite breaks (12 ms)',
    ]);
  });

  test('says nothing more where a line has just been said', () => {
    const { lines, after, testEnded } = setting();
    after(4_000);
    testEnded('a', 'failed');
    after(4_000);
    expect(lines).toHaveLength(1);
    after(1_000);
    expect(lines).toHaveLength(2);
  });

  test('names each test where that is asked for', () => {
    const { lines, testEnded } = setting(true);
    testEnded('a suite @redis works @smoke', 'passed');
    expect(lines).toEqual(['  ok      shop › a suite works (12 ms)']);
  });

  test('shows what a project printed if it has failed, and how many are done', () => {
    const { progress, lines } = setting();
    progress.onProjectEnded('shop', projectResult(), 'all of it');
    const failed = projectResult({ tests: [testResult({ status: 'failed' })] });
    progress.onProjectEnded('shop', failed, 'all of it');
    progress.onProjectEnded('depot', undefined, 'a crash');
    expect(lines).toEqual([
      expect.stringMatching(/^ {2}ok {6}shop .* 1\.2 s {2}\(1 of 3\)$/),
      '\nall of it',
      expect.stringMatching(/^ {2}FAILED {2}shop .*\(2 of 3\)$/),
      '\na crash',
      expect.stringMatching(/^ {2}FAILED {2}depot +no result {2}\(3 of 3\)$/),
    ]);
  });
});
