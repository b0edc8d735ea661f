import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { systemClock } from '../clock.js';
import { tryLock } from '../process/file-lock.js';
import { Scratch } from '../testing/scratch.js';
import { makeControlFolder, runtimeFolders } from '../workspace/runtime-folders.js';
import { sweepContainers, sweepLeftovers } from './sweep-leftovers.js';

describe('sweeping what a killed supervisor left', () => {
  test('removes the folders of this workspace without starting another supervisor', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.makeFolder('workspace'), host);
    makeControlFolder(folders, host);
    mkdirSync(folders.data, { recursive: true });
    await sweepLeftovers({ workspaceRoot: folders.workspace }, host, systemClock);
    expect([folders.control, folders.data, folders.logs].filter(existsSync)).toEqual([]);
  });

  test('leaves what is supervised', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.makeFolder('workspace'), host);
    makeControlFolder(folders, host);
    mkdirSync(folders.data, { recursive: true });
    const lock = tryLock(folders.lock, 'create');
    await sweepLeftovers({ workspaceRoot: folders.workspace }, host, systemClock);
    expect(existsSync(folders.lock) && existsSync(folders.data)).toBe(true);
    lock?.release();
  });
});

describe('sweeping containers', () => {
  /** A `docker` that knows where its engine is, and gets no answer from it. */
  const program = (scratch: Scratch, url: string): void => {
    scratch.writeProgram(
      'bin/docker',
      `if [ "$1" = context ]; then echo ${url}; else echo no engine >&2; exit 1; fi`,
    );
  };

  test('is nothing to do without Docker', async () => {
    using scratch = new Scratch();
    expect(await sweepContainers({}, scratch.host())).toEqual([]);
  });

  test.each(['unix:///nowhere/docker.sock', 'tcp://127.0.0.1:1', 'ssh://somewhere'])(
    'is nothing to do on an engine that has none of ours: %s',
    async (url) => {
      using scratch = new Scratch();
      program(scratch, url);
      expect(await sweepContainers({}, scratch.host())).toEqual([]);
    },
  );

  test('is refused by an engine that is there and does not answer', async () => {
    using scratch = new Scratch();
    const socket = scratch.path('docker.sock');
    program(scratch, `unix://${socket}`);
    const engine = createServer((connection) => connection.destroy());
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
    const refused = { report: { code: 'DOCKER_NOT_AVAILABLE' } };
    await expect(sweepContainers({}, scratch.host())).rejects.toMatchObject(refused);
    // Found where a lease finds it, too: SERVICES_PATH is for servers.
    const elsewhere = { programFolders: [], environment: { PATH: scratch.path('bin') } };
    await expect(sweepContainers({}, scratch.host(elsewhere))).rejects.toMatchObject(refused);
    await new Promise((resolve) => engine.close(resolve));
  });
});
