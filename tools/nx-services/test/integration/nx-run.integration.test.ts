import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@sqlflow/service-runtime';
import { onRedis, type ScratchProject, scratchNxWorkspace } from './scratch-nx-workspace.js';

const onBoth: ScratchProject = {
  name: 'on-both',
  services: ['postgres', 'redis'],
  test: `import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
describeIntegration(['postgres', 'redis'], () => {
  test('writes and reads', async () => {
    const database = await leaseDatabase();
    await database.query('CREATE TABLE t (id int)');
    await database.query('INSERT INTO t SELECT generate_series(1, 1000)');
    expect(await database.query('SELECT count(*)::int AS n FROM t')).toEqual([{ n: 1000 }]);
    await database[Symbol.asyncDispose]();
  });
});
`,
};

test('a run passes on real services, its second run comes from the cache and starts nothing', async () => {
  await using workspace = scratchNxWorkspace([onRedis, onBoth]);
  const first = await workspace.nx('run-many', '-t', 'integration', '--output-style=static').finished;
  expect(first).toMatchObject({ exitCode: 0 });
  expect(first.output).toMatch(/redis: a local process, started when the first test needs it/);
  expect(first.output).toMatch(
    /postgres: PostgreSQL 15\.\S+ at 127\.0\.0\.1:\d+ \(local, started in \d+ ms\)/,
  );
  await workspace.untilNothingRemains();

  const log = join(workspace.root, 'logs/services/supervisor.log');
  const before = readFileSync(log, 'utf8');
  const serverLog = statSync(join(workspace.root, 'logs/services/redis.log')).mtimeMs;
  const second = await workspace.nx('run-many', '-t', 'integration', '--output-style=static').finished;
  expect(second).toMatchObject({ exitCode: 0 });
  expect(second.output).toMatch(/cache/i);
  expect(readFileSync(log, 'utf8')).toBe(before); // no supervisor began
  expect(statSync(join(workspace.root, 'logs/services/redis.log')).mtimeMs).toBe(serverLog);
  expect(workspace.remains()).toEqual([]);
});

test('two runs at once both pass, whichever ends first', async () => {
  await using workspace = scratchNxWorkspace([onRedis, onBoth]);
  const short = workspace.nx('run', 'on-redis:integration', '--skip-nx-cache');
  const long = workspace.nx('run', 'on-both:integration', '--skip-nx-cache');
  const both = await Promise.all([short.finished, long.finished]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  await workspace.untilNothingRemains();
});

test('plain Jest in the folder of a project has its services too', async () => {
  await using workspace = scratchNxWorkspace([onBoth]);
  const { exitCode, output } = await workspace.jest('on-both').finished;
  expect(output).toMatch(/1 passed/);
  expect(exitCode).toBe(0);
  await workspace.untilNothingRemains();
});

test('a failing test fails the run, and is not cached', async () => {
  const failing = { ...onRedis, test: "test('fails', () => { expect(1).toBe(2); });" };
  await using workspace = scratchNxWorkspace([failing]);
  for (const attempt of [1, 2]) {
    const { exitCode, output } = await workspace.nx('run', 'on-redis:integration').finished;
    expect([attempt, exitCode]).toEqual([attempt, 1]);
    expect(output).toMatch(/1 failed/);
  }
  await workspace.untilNothingRemains();
});

describe('killed', () => {
  const kills = 20;
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  const moments = (maxMs: number): number[] =>
    Array.from(
      { length: kills },
      (_, index) => ((Math.imul(seed + index * 7919, 2_654_435_761) >>> 0) / 2 ** 32) * maxMs,
    );

  test(`Nx at any of ${String(kills)} moments leaves nothing once its orphaned tests have ended (seed ${String(seed)})`, async () => {
    await using workspace = scratchNxWorkspace([onBoth]);
    for (const moment of moments(3_500)) {
      const run = workspace.nx('run', 'on-both:integration', '--skip-nx-cache');
      await systemClock.sleep(moment);
      run.process.kill('SIGKILL');
      await workspace.untilNothingRemains();
    }
  }, 300_000);

  test(`the test run at any of ${String(kills)} moments leaves nothing (seed ${String(seed)})`, async () => {
    await using workspace = scratchNxWorkspace([onBoth]);
    for (const moment of moments(2_500)) {
      const run = workspace.jest('on-both');
      await systemClock.sleep(moment);
      run.process.kill('SIGKILL');
      await workspace.untilNothingRemains();
    }
  }, 300_000);
});
