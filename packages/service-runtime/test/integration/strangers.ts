import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, thisHost } from '../../src/index.js';
import { freePort } from '../../src/network/ports.js';
import { findProgram } from '../../src/process/find-program.js';
import { startOwnedProcess } from '../../src/process/owned-process.js';
import { sendRedis } from '../../src/service/redis/redis-probe.js';
import { docker, image } from './docker-scratch.js';
import { until } from './scratch-workspace.js';

/** A server that is none of ours. */
export interface Stranger extends AsyncDisposable {
  /** Who it is and what it holds, in words: other words mean that it was touched. Rejects if it is gone. */
  describe(): Promise<string>;
}

/** A Redis that somebody started by hand. It ends with this process. */
export async function redisByHand(): Promise<Stranger> {
  const folder = mkdtempSync(join(tmpdir(), 'sqlflow-stranger-'));
  const file = findProgram('redis-server', thisHost().programFolders);
  if (file === undefined) throw new Error('redis-server is not installed');
  const endpoint = { host: '127.0.0.1', port: await freePort() };
  const args = ['--port', String(endpoint.port), '--save', '', '--bind', endpoint.host];
  const command = { file, args, logFile: join(folder, 'log'), endSignal: 'SIGKILL' } as const;
  const server = startOwnedProcess(command, thisHost(), systemClock, () => undefined);
  await untilAnswers(() => sendRedis(endpoint, [['SET', 'kept', 'by hand']], AbortSignal.timeout(5_000)));
  return {
    describe: async () => {
      const answer = await sendRedis(
        endpoint,
        [
          ['GET', 'kept'],
          ['INFO', 'server'],
        ],
        AbortSignal.timeout(5_000),
      );
      return `Redis, process ${/^process_id:(\d+)/m.exec(answer)?.[1] ?? ''}, ${/by hand/.exec(answer)?.[0] ?? 'empty'}`;
    },
    [Symbol.asyncDispose]: async () => {
      await server.end();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A container that somebody started by hand, and named much like ours. It ends by itself some time after a killed test. */
export async function containerByHand(): Promise<Stranger> {
  const name = `sqlflow-stranger-redis-${randomUUID().slice(0, 8)}`;
  const command = ['timeout', '900', 'redis-server', '--save', ''];
  docker(
    'run',
    '-d',
    '--rm',
    '--name',
    name,
    '--label',
    `com.docker.compose.project=${name}`,
    image('redis'),
    ...command,
  );
  await untilAnswers(() => Promise.resolve(docker('exec', name, 'redis-cli', 'SET', 'kept', 'by hand')));
  return {
    describe: () => {
      const [started] = docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}} {{.State.Status}}', name);
      return Promise.resolve(
        `container ${started ?? ''}, ${docker('exec', name, 'redis-cli', 'GET', 'kept').join()}`,
      );
    },
    [Symbol.asyncDispose]: () => {
      docker('rm', '-f', '-v', name);
      return Promise.resolve();
    },
  };
}

async function untilAnswers(ask: () => Promise<unknown>): Promise<void> {
  let lastError: unknown;
  const answers = async (): Promise<boolean> => {
    try {
      await ask();
      return true;
    } catch (error) {
      lastError = error;
      return false;
    }
  };
  await until(answers, 20_000, () => String(lastError));
}
