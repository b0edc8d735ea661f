import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markSkipped } from '@sqlflow/test-harness';
import { onRedis, repository, scratchNxWorkspace, startNx } from './scratch-nx-workspace.js';

const compose = 'docker/redis/compose.yml';
const defaultImage = /redis:[\w.-]+/.exec(readFileSync(join(repository, compose), 'utf8'))?.[0] ?? '';
const image = process.env['REDIS_IMAGE'] || defaultImage;

function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: 'pipe', timeout: 30_000 });
}

function isDockerHere(): boolean {
  const missing = whatIsMissing();
  if (missing === undefined) return true;
  if (process.env['INTEGRATION_TESTS_DOCKER'] === 'true') throw new Error(missing);
  process.stderr.write(`skipped "a cached run @docker": ${missing}\n`);
  return false;
}

/** Whether an engine answers is part of what a result is kept by; which images it has is not. */
function whatIsMissing(): string | undefined {
  try {
    docker('version');
  } catch {
    return 'no Docker engine answers';
  }
  try {
    docker('image', 'inspect', image);
    return undefined;
  } catch {
    markSkipped();
    return `the image ${image} is not on this machine`;
  }
}

// eslint-disable-next-line no-restricted-syntax -- a laptop without Docker tests the rest
const describeDocker = isDockerHere() ? describe : describe.skip;

describeDocker('a cached run @docker', () => {
  test('makes no container', async () => {
    await using workspace = scratchNxWorkspace([onRedis]);
    cpSync(join(repository, compose), join(workspace.root, compose));
    /** What the engine has done since, in seconds since 1970, with containers of this workspace. */
    const doneSince = (since: number): string[] => {
      const label = `label=sqlflow.services.workspace=${workspace.folders.key}`;
      const until = String(Date.now() / 1000);
      const args = ['--since', String(since), '--until', until, '--filter', label, '--format', '{{.Action}}'];
      return docker('events', ...args)
        .split('\n')
        .filter(Boolean);
    };
    const run = async (): Promise<string> => {
      const args = ['run-many', '-t', 'integration', '--output-style=static'];
      const { exitCode, output } = await startNx(workspace.root, args, { SERVICES_PROVIDER: 'docker' })
        .finished;
      if (exitCode !== 0) throw new Error(output);
      return output;
    };
    const began = Date.now() / 1000;
    expect(await run()).toMatch(/redis: Redis \S+ at 127\.0\.0\.1:\d+ \(docker, started in \d+ ms\)/);
    await workspace.untilNothingRemains();
    expect(doneSince(began)).toContain('start');

    const again = Date.now() / 1000;
    expect(await run()).toMatch(/> nx run on-redis:integration.*\[.*cache/);
    expect(doneSince(again)).toEqual([]);
    expect(workspace.remains()).toEqual([]);
  });
});
