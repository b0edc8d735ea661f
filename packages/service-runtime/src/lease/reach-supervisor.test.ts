import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { existsSync, mkdirSync } from 'node:fs';
import { systemClock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import { runtimeVersion } from '../supervisor/runtime-version.js';
import { Scratch } from '../testing/scratch.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { type RuntimeFolders, runtimeFolders } from '../workspace/runtime-folders.js';
import { servicesStatus } from './control-services.js';
import { reachSupervisor } from './reach-supervisor.js';

const never = new AbortController().signal;

/** Something that listens where a supervisor would. */
async function impostor(
  folders: RuntimeFolders,
  serve: (socket: Socket) => void,
): Promise<Server & AsyncDisposable> {
  mkdirSync(dirname(folders.socket), { recursive: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(folders.socket, resolve);
  });
  return Object.assign(server, {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

const greeting = (version: string): string =>
  `${JSON.stringify({ kind: 'greeting', version, pid: 1, workspace: '/w' })}\n`;

const codeOf = (error: unknown): unknown => (error instanceof ServiceFailure ? error.code : error);

describe('reaching the supervisor', () => {
  test('speaks to the one that is there and of our version', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.folder, host);
    await using server = await impostor(folders, (socket) => socket.write(greeting(runtimeVersion())));
    expect(server.listening).toBe(true);
    const connection = await reachSupervisor(folders, host, systemClock, never);
    expect(connection.greeting.version).toBe(runtimeVersion());
    await connection.close();
  });

  test('does not speak to one that listens in a folder of another account', async () => {
    using scratch = new Scratch();
    const real = scratch.host();
    const host = { ...real, uid: real.uid + 1 }; // to whom our folder is a stranger's
    const folders = runtimeFolders(scratch.folder, host);
    await using server = await impostor(folders, (socket) => socket.write(greeting(runtimeVersion())));
    expect(server.listening).toBe(true);
    const refused = await reachSupervisor(folders, host, systemClock, never).catch(codeOf);
    expect(refused).toBe('FOLDER_NOT_WRITABLE');
    const status = await servicesStatus({ workspaceRoot: scratch.folder }, host).catch(codeOf);
    expect(status).toBe('FOLDER_NOT_WRITABLE');
  });

  test('leaves nothing itself, so that it may be killed at any moment', async () => {
    using scratch = new Scratch();
    scratch.writeProgram('bin/node', 'exit 1');
    const host = scratch.host({ nodePath: scratch.path('bin/node') });
    const folders = runtimeFolders(scratch.folder, host);
    const failure = await reachSupervisor(folders, host, systemClock, never).catch(codeOf);
    expect(failure).toBe('SUPERVISOR_NOT_STARTED');
    expect(existsSync(dirname(folders.control))).toBe(false);
  });

  test('says who uses a supervisor of another version', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.folder, host);
    const inUse = [{ service: 'redis', phase: 'running', pinned: true, holders: ['a:integration'] }];
    await using server = await impostor(folders, (socket) => {
      socket.write(greeting('0.0.0'));
      socket.once('data', () => socket.write(`${JSON.stringify({ kind: 'done', stopped: [], inUse })}\n`));
    });
    expect(server.listening).toBe(true);
    const failure: unknown = await reachSupervisor(folders, host, systemClock, never).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: 'SUPERVISOR_OF_ANOTHER_VERSION',
      report: { evidence: ['supervisor: process 1', 'redis is used by a:integration, services:up'] },
    });
  });

  test('gives up on one that accepts and says nothing', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.folder, host);
    await using server = await impostor(folders, () => undefined);
    expect(server.listening).toBe(true);
    const impatient = {
      ...systemClock,
      schedule: (_: number, action: () => void) => systemClock.schedule(20, action),
    };
    const failure = await reachSupervisor(folders, host, impatient, never).catch(codeOf);
    expect(failure).toBe('SUPERVISOR_NOT_RESPONDING');
  });

  test('gives up on one that greets and does not answer', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.folder, host);
    await using server = await impostor(folders, (socket) => socket.write(greeting(runtimeVersion())));
    expect(server.listening).toBe(true);
    const clock = new VirtualClock();
    const connection = await reachSupervisor(folders, host, clock, never);
    connection.send({ kind: 'status' });
    const answer = connection.next(never).catch(codeOf);
    await clock.advance(60_000);
    expect(await answer).toBe('SUPERVISOR_NOT_RESPONDING');
    await connection.close();
  });

  test('ends with the reason of its signal', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.folder, host);
    const told = new AbortController();
    await using server = await impostor(folders, () => {
      told.abort(new Error('enough'));
    });
    expect(server.listening).toBe(true);
    await expect(reachSupervisor(folders, host, systemClock, told.signal)).rejects.toThrow('enough');
  });

  test('says on Windows that services cannot be started there', async () => {
    using scratch = new Scratch();
    const host = scratch.host({ platform: 'win32' });
    const folders = runtimeFolders(scratch.folder, host);
    const failure = await reachSupervisor(folders, host, systemClock, never).catch(codeOf);
    expect(failure).toBe('PLATFORM_NOT_SUPPORTED');
  });
});
