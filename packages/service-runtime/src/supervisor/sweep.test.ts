import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../clock.js';
import type { Host } from '../host.js';
import { tryLock } from '../process/file-lock.js';
import { identify, isAlive, type ProcessIdentity } from '../process/process-identity.js';
import { Scratch } from '../testing/scratch.js';
import { makeControlFolder, type RuntimeFolders, runtimeFolders } from '../workspace/runtime-folders.js';
import { writeState } from './state-file.js';
import { sweepDead, sweepOwn } from './sweep.js';

async function server(): Promise<{ child: ChildProcess; identity: ProcessIdentity }> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return { child, identity: identify(child.pid ?? -1)! };
}

/** What a killed supervisor leaves: folders, a lock that nobody holds, and this state. */
function leftBehind(folders: RuntimeFolders, host: Host, processes: readonly ProcessIdentity[]): void {
  makeControlFolder(folders, host);
  mkdirSync(join(folders.data, 'redis-x'), { recursive: true });
  writeFileSync(folders.lock, '');
  const recorded = processes.map((identity) => ({ ...identity, endSignal: 'SIGKILL' as const }));
  writeState(folders.state, { dataFolder: folders.data, processes: recorded, projects: [] });
}

describe('sweeping what a killed supervisor left', () => {
  test('ends the recorded processes and removes their data', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.folder, host);
    const { identity } = await server();
    leftBehind(folders, host, [identity]);
    await sweepOwn(folders, systemClock);
    expect(isAlive(identity)).toBe(false);
    expect(existsSync(folders.data)).toBe(false);
  });

  test('removes data from where it was, though it would be kept elsewhere now', async () => {
    using scratch = new Scratch();
    const before = scratch.host({ dataFolder: scratch.makeFolder('memory') });
    leftBehind(runtimeFolders(scratch.folder, before), before, []);
    const old = runtimeFolders(scratch.folder, before).data;
    const now = runtimeFolders(scratch.folder, scratch.host());
    expect(now.data).not.toBe(old);
    await sweepOwn(now, systemClock);
    expect(existsSync(old)).toBe(false);
  });

  test('signals nobody who has only the pid of a recorded process', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.folder, host);
    const { child, identity } = await server();
    leftBehind(folders, host, [
      { ...identity, startedAt: '1' },
      { ...identity, bootId: 'an earlier boot' },
    ]);
    await sweepOwn(folders, systemClock);
    expect(isAlive(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  test('does nothing on the word of a state file that cannot be read', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.folder, host);
    leftBehind(folders, host, []);
    writeFileSync(folders.state, '{"dataFolder": "/", "processes": [{"pid": -1}]}');
    await sweepOwn(folders, systemClock);
    expect(existsSync(folders.data)).toBe(true);
  });

  test('takes the empty folder of a supervisor that was killed before it made its lock', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const [own, young] = ['own', 'young'].map((name) => runtimeFolders(scratch.makeFolder(name), host));
    makeControlFolder(own!, host);
    makeControlFolder(young!, host);
    await sweepDead(own!, host, systemClock);
    expect(existsSync(young!.control)).toBe(false);
    expect(existsSync(own!.control)).toBe(true);
  });

  test('takes other workspaces whose supervisor is dead, and leaves those that are supervised', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const [own, dead, live] = ['own', 'dead', 'live'].map((name) =>
      runtimeFolders(scratch.makeFolder(name), host),
    ) as [RuntimeFolders, RuntimeFolders, RuntimeFolders];
    const [deadServer, liveServer] = [await server(), await server()];
    leftBehind(own, host, []);
    leftBehind(dead, host, [deadServer.identity]);
    leftBehind(live, host, [liveServer.identity]);
    const lock = tryLock(live.lock, 'create');
    await sweepDead(own, host, systemClock);
    expect(isAlive(deadServer.identity)).toBe(false);
    expect(existsSync(dead.control) || existsSync(dead.data)).toBe(false);
    expect(isAlive(liveServer.identity)).toBe(true);
    expect(existsSync(live.state) && existsSync(live.data) && existsSync(own.state)).toBe(true);
    lock?.release();
    liveServer.child.kill('SIGKILL');
  });
});

const withSharedMemory = process.platform === 'linux' ? test : test.skip; // eslint-disable-line no-restricted-syntax -- /proc/sysvipc is Linux's

withSharedMemory(
  'a PostgreSQL that was killed outright has its shared memory removed, whatever else ran',
  async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.folder, host);
    leftBehind(folders, host, []);
    const rows = (): string[][] =>
      readFileSync('/proc/sysvipc/shm', 'latin1')
        .split('\n')
        .map((line) => line.trim().split(/\s+/));
    const id = /\d+/.exec(execFileSync('ipcmk', ['-M', '56'], { encoding: 'latin1' }))![0];
    const key = rows().find((columns) => columns[1] === id)![0]!;
    // On either side of the folder that has the file, in whatever order they are read, is one that has none.
    for (const name of ['a-store', 'postgres-x', 'z-redis'])
      mkdirSync(join(folders.data, name), { recursive: true });
    const lines = [
      '1',
      folders.data,
      '0',
      '5432',
      '',
      '127.0.0.1',
      `${key.padStart(9)} ${id.padStart(9)}`,
      'ready',
      '',
    ];
    writeFileSync(join(folders.data, 'postgres-x', 'postmaster.pid'), lines.join('\n'));
    await sweepOwn(folders, systemClock);
    expect(rows().some((columns) => columns[1] === id)).toBe(false);
  },
);
