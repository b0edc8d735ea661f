import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../clock.js';
import { identify, isAlive } from '../process/process-identity.js';
import { processTree } from '../process/process-tree.js';
import type { LaunchContext, RunningService } from '../service/running-service.js';
import type { LocalLauncher } from '../service/service-definition.js';
import { deferred } from '../testing/deferred.js';
import { Scratch } from '../testing/scratch.js';
import { makeControlFolder, runtimeFolders } from '../workspace/runtime-folders.js';
import { PrivateLocalServer } from './private-local-server.js';
import { ProcessLedger } from './process-ledger.js';
import type { PrivateLimits } from './protocol.js';
import { readState } from './state-file.js';

const signal = new AbortController().signal;

/** A server that is a process that sleeps. */
function sleeper(context: LaunchContext): RunningService {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const ended = deferred<string>();
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  child.once('exit', () => ended.resolve('it was killed'));
  const identity = identify(child.pid ?? -1);
  if (identity !== undefined) context.record(identity, 'SIGTERM');
  return {
    endpoint: { host: '127.0.0.1', port: context.port === 0 ? 4711 : (context.port ?? -1) },
    version: 'sleep 9',
    pids: () => (isOver() ? [] : [child.pid ?? -1]),
    ended: ended.promise,
    stop: async () => {
      child.kill('SIGTERM');
      await ended.promise;
    },
  };
}

function setUp(scratch: Scratch, limits: PrivateLimits = {}, changes: Partial<LocalLauncher> = {}) {
  const host = scratch.host();
  const folders = runtimeFolders(scratch.makeFolder('workspace'), host);
  makeControlFolder(folders, host);
  const contexts: LaunchContext[] = [];
  const local: LocalLauncher = {
    locate: () => 'nowhere',
    launch: (context) => {
      contexts.push(context);
      return Promise.resolve(sleeper(context));
    },
    ...changes,
  };
  const logFile = join(folders.logs, 'redis-private-1.log');
  const server = new PrivateLocalServer({ name: 'redis', local }, limits, {
    ...{ folders, ledger: new ProcessLedger(folders), host, clock: systemClock, logFile },
  });
  const recorded = () => readState(folders.state)?.processes ?? [];
  return { folders, contexts, server, logFile, recorded };
}

describe('a private server from local processes', () => {
  test('comes back on its port and its data, and leaves nothing', async () => {
    using scratch = new Scratch();
    const { folders, contexts, server, logFile, recorded } = setUp(scratch, { maxConnections: 7 });
    const offer = await server.start(signal);
    expect(offer).toMatchObject({ service: 'redis', provider: 'local', endpoint: { port: 4711 }, logFile });
    const dataFolder = contexts[0]?.dataFolder ?? '';
    writeFileSync(join(dataFolder, 'data'), 'kept');
    await server.kill();
    await server.restart(signal);
    expect(contexts.map(({ port, private: own }) => [port, own?.isRestart, own?.maxConnections])).toEqual([
      [0, false, 7],
      [4711, true, 7],
    ]);
    expect(contexts[1]?.dataFolder).toBe(dataFolder);
    expect(readdirSync(dataFolder)).toEqual(['data']);
    await server.clear('running');
    expect(readdirSync(folders.data)).toEqual([]);
    expect(recorded()).toEqual([]);
  });

  test('is written down as one to be killed while it is frozen, and only then', async () => {
    using scratch = new Scratch();
    const { server, recorded } = setUp(scratch);
    await server.start(signal);
    const [{ pid } = { pid: -1 }] = recorded();
    await server.freeze();
    expect(recorded()).toMatchObject([
      { pid, endSignal: 'SIGTERM' },
      { pid, endSignal: 'SIGKILL' },
    ]);
    expect(processTree([pid])[0]?.isStopped).toBe(true);
    await server.thaw();
    expect(recorded()).toMatchObject([{ pid, endSignal: 'SIGTERM' }]);
    expect(processTree([pid])[0]?.isStopped).toBe(false);
    await server.clear('running');
  });

  test('is cleared away although it is frozen', async () => {
    using scratch = new Scratch();
    const { folders, server, recorded } = setUp(scratch);
    await server.start(signal);
    const [server1] = recorded();
    await server.freeze();
    await server.clear('frozen');
    expect(server1 && isAlive(server1)).toBe(false);
    expect(readdirSync(folders.data)).toEqual([]);
    expect(recorded()).toEqual([]);
  });

  test('leaves nothing of a start that failed', async () => {
    using scratch = new Scratch();
    const launch = () => Promise.reject(new Error('it died'));
    const { folders, server, recorded } = setUp(scratch, {}, { launch });
    await expect(server.start(signal)).rejects.toThrow('it died');
    await server.clear('starting');
    expect(readdirSync(folders.data)).toEqual([]);
    expect(recorded()).toEqual([]);
  });

  test('is refused what its service cannot do, with the reason', async () => {
    using scratch = new Scratch();
    const reasons = { dataBytes: 'reason one', maxConnections: 'reason two', restart: 'reason three' };
    const refused = (reason: string): unknown =>
      expect.objectContaining({
        report: expect.objectContaining({
          code: 'FAULT_NOT_SUPPORTED',
          summary: expect.stringContaining(reason),
        }),
      });
    const asked = (limits: PrivateLimits) => () => setUp(scratch, limits, { cannot: reasons }).server;
    expect(asked({ dataBytes: 1024 ** 2 })).toThrow(refused('reason one') as Error);
    expect(asked({ maxConnections: 4 })).toThrow(refused('reason two') as Error);
    const { server } = setUp(scratch, {}, { cannot: reasons });
    expect(() => {
      server.assertRestarts();
    }).toThrow(refused('reason three') as Error);
    await expect(server.fillDisk()).rejects.toEqual(refused('has no limit'));
  });
});
