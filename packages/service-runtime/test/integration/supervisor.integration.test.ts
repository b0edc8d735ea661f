import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leaseServices, thisHost } from '../../src/index.js';
import { systemClock } from '../../src/clock.js';
import { supervise } from '../../src/supervisor/supervisor.js';
import { makeControlFolder } from '../../src/workspace/runtime-folders.js';
import { loadService } from '../../src/workspace/workspace-services.js';
import {
  processesOf,
  scratchWorkspace,
  type ScratchWorkspace,
  startHolder,
  supervisorPid,
  until,
} from './scratch-workspace.js';

const leaseRedis = (workspace: ScratchWorkspace): ReturnType<typeof leaseServices> =>
  leaseServices({ workspaceRoot: workspace.root, services: ['redis'], holder: 'test', keepWarmMs: 0 });

/** A supervisor in this process that says it is of another version. */
function superviseAs(
  version: string,
  workspace: ScratchWorkspace,
  signal: AbortSignal,
): ReturnType<typeof supervise> {
  const host = thisHost();
  makeControlFolder(workspace.folders, host);
  return supervise({
    folders: workspace.folders,
    load: (service) => loadService(workspace.root, service),
    version,
    host,
    clock: systemClock,
    log: () => undefined,
    signal,
  });
}

test('a supervisor of another version that nobody uses is replaced', async () => {
  await using workspace = scratchWorkspace();
  const old = superviseAs('0.0.0-old', workspace, new AbortController().signal);
  const lease = await leaseRedis(workspace);
  expect(lease.failures).toEqual([]);
  await expect(old).resolves.toBe('ended');
  await lease[Symbol.asyncDispose]();
  await workspace.untilNothingRemains();
});

test('a supervisor of another version that is in use is named, with who uses it and the way out', async () => {
  await using workspace = scratchWorkspace();
  await using holder = await holdOfAnotherVersion(workspace);
  await expect(leaseRedis(workspace)).rejects.toMatchObject({
    report: {
      code: 'SUPERVISOR_OF_ANOTHER_VERSION',
      evidence: expect.arrayContaining([expect.stringContaining('an old run')]),
      next: [expect.stringContaining('services:down --force')],
    },
  });
  expect(holder).toBeDefined();
});

async function holdOfAnotherVersion(workspace: ScratchWorkspace): Promise<AsyncDisposable> {
  const { connect } = await import('node:net');
  const stop = new AbortController();
  const supervisor = superviseAs('0.0.0-old', workspace, stop.signal);
  const { socket: path } = workspace.folders;
  await until(
    () => existsSync(path),
    5_000,
    () => 'it does not listen',
  );
  const socket = connect(path);
  const lines: string[] = [];
  socket.on('data', (chunk) => lines.push(String(chunk)));
  const services = [{ service: 'redis', provider: 'local', variables: {} }];
  socket.write(`${JSON.stringify({ kind: 'lease', holder: 'an old run', services, keepWarmMs: 0 })}\n`);
  await until(
    () => lines.join('').includes('"ready"'),
    10_000,
    () => lines.join(''),
  );
  return {
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
      stop.abort();
      await supervisor;
    },
  };
}

test.each(['', '{', '{"processes": 7}', '[]', '\0\0\0'])(
  'a state file that holds %j leads to a clean start',
  async (text) => {
    await using workspace = scratchWorkspace();
    mkdirSync(workspace.folders.control, { recursive: true, mode: 0o711 });
    writeFileSync(workspace.folders.state, text);
    const lease = await leaseRedis(workspace);
    expect(lease.failures).toEqual([]);
    await lease[Symbol.asyncDispose]();
    await workspace.untilNothingRemains();
  },
);

test('a file where the socket of a dead supervisor was does not keep the next one from starting', async () => {
  await using workspace = scratchWorkspace();
  mkdirSync(workspace.folders.control, { recursive: true, mode: 0o711 });
  writeFileSync(workspace.folders.socket, 'not a socket');
  const lease = await leaseRedis(workspace);
  expect(lease.failures).toEqual([]);
  await lease[Symbol.asyncDispose]();
  await workspace.untilNothingRemains();
});

test('a supervisor that is stopped in its tracks leads to a clear message within seconds, not to a hang', async () => {
  await using workspace = scratchWorkspace();
  const holder = startHolder(workspace.root, ['redis']);
  await holder.next();
  const pid = await supervisorPid(workspace.root);
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(leaseRedis(workspace)).rejects.toMatchObject({
      report: { code: 'SUPERVISOR_NOT_RESPONDING' },
    });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await holder.finish();
  await workspace.untilNothingRemains();
});

test('an abort while services start gives back what was had and leaves nothing', async () => {
  await using workspace = scratchWorkspace();
  const abort = new AbortController();
  const services = ['postgres', 'object-store', 'redis'] as const;
  const leasing = leaseServices({
    workspaceRoot: workspace.root,
    services,
    holder: 'test',
    keepWarmMs: 0,
    signal: abort.signal,
  });
  await until(
    () => workspace.remains().some((line) => line.includes('ceph-mon')),
    15_000,
    () => 'the store was never started',
  );
  abort.abort(new Error('not needed after all'));
  await expect(leasing).rejects.toThrow('not needed after all');
  await workspace.untilNothingRemains();
});

test('a server that is stopped in its tracks does not hold up the end of the others, nor stay', async () => {
  await using workspace = scratchWorkspace();
  const holder = startHolder(workspace.root, ['postgres', 'redis']);
  await holder.next();
  const [postmaster] = processesOf(workspace.folders).filter((line) => line.includes('bin/postgres -D'));
  process.kill(Number(/process (\d+)/.exec(postmaster ?? '')?.[1]), 'SIGSTOP');
  await holder.finish();
  await workspace.untilNothingRemains(10_000);
});

test('a supervisor that is told to end by the system stops its servers and leaves nothing', async () => {
  await using workspace = scratchWorkspace();
  const holder = startHolder(workspace.root, ['postgres', 'redis']);
  await holder.next();
  process.kill(await supervisorPid(workspace.root), 'SIGTERM');
  await workspace.untilNothingRemains();
  await holder.finish();
});

// Only root may become somebody else.
if (thisHost().uid === 0) {
  test('an ordinary account gets all three services too', async () => {
    await using workspace = scratchWorkspace();
    const nobody = 65_534;
    chownSync(workspace.root, nobody, nobody);
    const environment = {
      HOME: workspace.root,
      SERVICES_CACHE_FOLDER: join(workspace.root, 'cache'),
      TMPDIR: workspace.root,
    };
    const holder = startHolder(workspace.root, ['postgres', 'object-store', 'redis'], {
      uid: nobody,
      environment,
    });
    const line = await holder.next();
    expect(line).toMatch(/^leased /);
    expect(JSON.parse(line.slice('leased '.length))).toMatchObject({ failures: [], offers: [{}, {}, {}] });
    const servers = workspace.remains().filter((text) => /redis-server|postgres -D|radosgw/.test(text));
    for (const server of servers) {
      const status = readFileSync(`/proc/${/process (\d+)/.exec(server)?.[1] ?? ''}/status`, 'utf8');
      expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).toBe(String(nobody));
    }
    await holder.finish();
  });
}
