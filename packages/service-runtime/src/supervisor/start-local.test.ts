import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { LaunchContext } from '../service/running-service.js';
import type { LocalLauncher } from '../service/service-definition.js';
import { Scratch } from '../testing/scratch.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { makeControlFolder, runtimeFolders } from '../workspace/runtime-folders.js';
import { ProcessLedger } from './process-ledger.js';
import { startLocal } from './start-local.js';
import { readState } from './state-file.js';

const signal = new AbortController().signal;
const identity = { pid: 4711, startedAt: '1', bootId: 'b' };

function setUp(scratch: Scratch, launch: (context: LaunchContext, clock: VirtualClock) => Promise<void>) {
  const host = scratch.host();
  const folders = runtimeFolders(scratch.makeFolder('workspace'), host);
  makeControlFolder(folders, host);
  const clock = new VirtualClock();
  const local: LocalLauncher = {
    locate: () => 'nowhere',
    launch: async (context) => {
      await launch(context, clock);
      return {
        endpoint: { host: '127.0.0.1', port: context.port ?? 6379 },
        version: 'Redis 7',
        pids: () => [],
        ended: new Promise(() => undefined),
        stop: () => Promise.resolve(),
      };
    },
  };
  const start = startLocal({ name: 'redis', local }, folders, new ProcessLedger(folders), host, clock);
  return { folders, host, start };
}

describe('starting a service from local processes', () => {
  test('gives it a folder of its own that goes with it, and keeps its log', async () => {
    using scratch = new Scratch();
    const { folders, start } = setUp(scratch, async ({ dataFolder, record, logFile }, clock) => {
      expect(statSync(dataFolder).mode & 0o777).toBe(0o700);
      writeFileSync(join(dataFolder, 'dump'), 'data');
      writeFileSync(logFile, 'ready\n');
      record(identity, 'SIGKILL');
      await clock.advance(12);
    });
    const started = await start(7001, signal);
    expect(started.offer).toEqual({
      service: 'redis',
      provider: 'local',
      endpoint: { host: '127.0.0.1', port: 7001 },
      version: 'Redis 7',
      startedInMs: 12,
      logFile: join(folders.logs, 'redis.log'),
    });
    expect(readState(folders.state)?.processes).toEqual([{ ...identity, endSignal: 'SIGKILL' }]);
    await started.stop();
    expect(readState(folders.state)?.processes).toEqual([]);
    expect(readdirSync(folders.data)).toEqual([]);
    expect(statSync(join(folders.logs, 'redis.log')).size).toBe(6);
  });

  test('is refused for a service that only Docker or somebody else can run', async () => {
    using scratch = new Scratch();
    const { folders, host } = setUp(scratch, () => Promise.resolve());
    const ledger = new ProcessLedger(folders);
    const start = startLocal({ name: 'only-docker' }, folders, ledger, host, new VirtualClock());
    await expect(start(undefined, signal)).rejects.toMatchObject({
      report: { code: 'PROVIDER_NOT_AVAILABLE', service: 'only-docker' },
    });
    expect(existsSync(folders.data)).toBe(false);
  });

  test('begins the log anew, as another file: who reads the last one sees all of it', async () => {
    using scratch = new Scratch();
    const { folders, start } = setUp(scratch, () => Promise.resolve());
    const last = openSync(scratch.write('workspace/logs/services/redis.log', 'of the last start\n'), 'r+');
    await start(undefined, signal);
    expect(statSync(join(folders.logs, 'redis.log')).size).toBe(0);
    expect(readFileSync(last, 'utf8')).toBe('of the last start\n');
    closeSync(last);
    expect(readdirSync(folders.logs)).toEqual(['redis.log']);
  });

  test('keeps nothing of a start that failed', async () => {
    using scratch = new Scratch();
    const { folders, start } = setUp(scratch, ({ record }) => {
      record(identity, 'SIGKILL');
      return Promise.reject(new Error('it died'));
    });
    await expect(start(undefined, signal)).rejects.toThrow('it died');
    expect(readdirSync(folders.data)).toEqual([]);
    expect(readState(folders.state)?.processes).toEqual([]);
  });

  test('lets the servers’ account through to its folder, whatever our umask', async () => {
    using scratch = new Scratch();
    const { folders, start } = setUp(scratch, () => Promise.resolve());
    const old = process.umask(0o077);
    try {
      await start(undefined, signal);
    } finally {
      process.umask(old);
    }
    for (const folder of [folders.data, dirname(folders.data)])
      expect(statSync(folder).mode & 0o777).toBe(0o711);
  });

  test('says which folder it cannot use', async () => {
    using scratch = new Scratch();
    const { folders, start } = setUp(scratch, () => Promise.resolve());
    rmSync(dirname(folders.data), { recursive: true, force: true });
    writeFileSync(dirname(folders.data), 'a file is in the way');
    await expect(start(undefined, signal)).rejects.toMatchObject({
      report: { code: 'FOLDER_NOT_WRITABLE', summary: expect.stringContaining(folders.data) },
    });
    expect(existsSync(folders.state)).toBe(true);
  });
});
