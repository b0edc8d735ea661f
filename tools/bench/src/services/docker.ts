import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { composeFile } from '@sqlflow/service-runtime';
import type { Contender } from '../frame/measure.js';
import { ms } from '../frame/statistics.js';
import { freePort } from './by-hand.js';
import { ping, selectOne } from './first-query.js';
import { leasedRun } from './leased-run.js';

const both = ['postgres', 'redis'] as const;

/** PostgreSQL and Redis together, from the first call to the answer of both to a query. */
export const dockerRows = {
  local: 'postgres and redis: local processes',
  docker: 'postgres and redis: containers',
  testcontainers: 'postgres and redis: testcontainers 11.14',
  compose: 'postgres and redis: compose up, then asked without a pause',
} as const;

const run = promisify(execFile);
const testcontainers = fileURLToPath(new URL('./run-testcontainers.ts', import.meta.url));
const loader = new URL('../../../source-loader/register-built.mjs', import.meta.url).href;

/** @returns none, with the reason on standard error, where no engine or no compose command answers. */
export function dockerContenders(workspaceRoot: string): Contender[] {
  const compose = composeCommand();
  if (compose === undefined || !answers('docker', ['info'])) {
    process.stderr.write('Docker is not measured: no engine, or no compose command, answers.\n');
    return [];
  }
  const ours = (row: string, provider: 'local' | 'docker'): Contender => ({
    name: row,
    run: async () => ({ [row]: ms((await leasedRun(workspaceRoot, both, {}, provider)).answeredMs) }),
  });
  return [
    ours(dockerRows.local, 'local'),
    ours(dockerRows.docker, 'docker'),
    {
      name: dockerRows.testcontainers,
      run: async () => {
        // Its own reaper is another image; what ours costs is in our figure.
        const env = { ...process.env, TESTCONTAINERS_RYUK_DISABLED: 'true' };
        const { stdout } = await run(process.execPath, ['--import', loader, testcontainers], { env });
        return { [dockerRows.testcontainers]: ms(Number(stdout)) };
      },
    },
    {
      name: dockerRows.compose,
      run: async () => ({ [dockerRows.compose]: ms(await plainCompose(compose, workspaceRoot)) }),
    },
  ];
}

/** What one does by hand with the same compose files. @returns milliseconds */
async function plainCompose(
  [file, ...args]: readonly [string, ...string[]],
  workspaceRoot: string,
): Promise<number> {
  const [postgresPort, redisPort] = [await freePort(), await freePort()];
  const env = { ...process.env, POSTGRES_PORT: String(postgresPort), REDIS_PORT: String(redisPort) };
  const project = ['-p', `sqlflow-bench-${String(process.pid)}`];
  const files = both.flatMap((service) => ['-f', composeFile(workspaceRoot, service)]);
  const compose = (...words: string[]) => run(file, [...args, ...project, ...files, ...words], { env });
  const host = '127.0.0.1';
  const account = { user: 'postgres', password: 'postgres', database: 'postgres' };
  try {
    const begin = performance.now();
    await compose('up', '-d');
    await Promise.all([
      untilAnswered(() => selectOne({ host, port: postgresPort, ...account })),
      untilAnswered(() => ping({ host, port: redisPort })),
    ]);
    return performance.now() - begin;
  } finally {
    await compose('down', '-v', '-t', '1');
  }
}

async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

function composeCommand(): readonly [string, ...string[]] | undefined {
  const candidates = [['docker', 'compose'], ['docker-compose']] as const;
  return candidates.find(([file, ...args]) => answers(file, [...args, 'version', '--short']));
}

/** Some versions of docker print their help for a command that they do not know, and exit with 0. */
function answers(file: string, args: readonly string[]): boolean {
  const { status, stdout } = spawnSync(file, args, { encoding: 'utf8', timeout: 20_000 });
  return status === 0 && (!args.includes('version') || /^v?\d+\./.test(stdout.trim()));
}
