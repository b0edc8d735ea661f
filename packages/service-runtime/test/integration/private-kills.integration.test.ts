import { chownSync, existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  dataLimitObstacle,
  leaseServices,
  runtimeFolders,
  servicesStatus,
  stopServices,
  thisHost,
} from '../../src/index.js';
import { systemClock } from '../../src/clock.js';
import { markSkipped } from './docker-scratch.js';
import { stillAnswers } from './marks.js';
import {
  type LeaseHolder,
  processesOf,
  scratchWorkspace,
  type ScratchWorkspace,
  scanEveryMs,
  startHolder,
  supervisorPid,
  until,
} from './scratch-workspace.js';
import { seed, seededRatios } from './seeded-moments.js';
import { isThere, segmentOf } from './shared-memory.js';

const nobody = 65_534;
const script = 'hold-private.ts';
const obstacle = await dataLimitObstacle();
if (obstacle !== undefined) markSkipped(); // those of a limited disk are left out
const limited = obstacle === undefined ? ['postgres,limited'] : [];

/** Holds a private server that stands still. */
async function holdFrozen({ root, host }: ScratchWorkspace, words: readonly string[]): Promise<LeaseHolder> {
  const holder = startHolder(root, [...words, 'freeze'], {
    script,
    environment: { SERVICES_PROVIDER: 'local', TMPDIR: host.temporaryFolder },
  });
  const line = await holder.next();
  if (!line.startsWith('private ')) throw new Error(line);
  return holder;
}

describe.each(['postgres', 'redis', 'object-store', ...limited])('a frozen private server: %s', (words) => {
  test('leaves nothing when its holder is killed', async () => {
    await using workspace = scratchWorkspace({ apart: true });
    const holder = await holdFrozen(workspace, words.split(','));
    holder.process.kill('SIGKILL');
    await holder.exited;
    await workspace.untilNothingRemains();
  });

  test('ends at once when its supervisor is killed, and the next start clears the rest', async () => {
    await using workspace = scratchWorkspace({ apart: true });
    const { root, folders, host } = workspace;
    const holder = await holdFrozen(workspace, words.split(','));
    process.kill((await servicesStatus({ workspaceRoot: root }, host))?.pid ?? 0, 'SIGKILL');
    holder.process.kill('SIGKILL');
    await until(
      () => processesOf(folders).length === 0,
      2_000,
      () => processesOf(folders).join('; '),
    );
    const options = {
      workspaceRoot: root,
      services: ['redis'],
      holder: 'next',
      keepWarmMs: 0,
      provider: 'local',
    };
    const next = await leaseServices(options, host);
    await next[Symbol.asyncDispose]();
    await workspace.untilNothingRemains();
  });
});

/** In workspaces side by side: most of the time is waiting. */
const lanes = 4;
const killsOfLane = 2;
const faults = ['freeze', 'kill', 'restart', 'freeze', 'restart'];

test.each(['holder', 'supervisor'])(
  `a %s killed at any moment of a start and of faults leaves nothing after the next start (seed ${String(seed)})`,
  async (whom) => {
    const ratios = seededRatios(lanes * killsOfLane);
    const runs = Array.from({ length: lanes }, async (_, lane) => {
      await using workspace = scratchWorkspace({ apart: true });
      const { root, host, folders } = workspace;
      const environment = { SERVICES_PROVIDER: 'local', TMPDIR: host.temporaryFolder };
      const hold = (): LeaseHolder => startHolder(root, ['postgres', ...faults], { script, environment });
      const startedAt = systemClock.nowMs();
      const first = hold();
      expect(await first.next()).toMatch(/^private /);
      const wholeMs = systemClock.nowMs() - startedAt;
      await first.finish();
      for (const ratio of ratios.filter((__, index) => index % lanes === lane)) {
        const holder = hold();
        await systemClock.sleep(1.2 * ratio * wholeMs);
        const [supervisor] = processesOf(folders).filter((line) => line.includes('supervisor/main'));
        const victim = whom === 'holder' ? undefined : /process (\d+)/.exec(supervisor ?? '')?.[1];
        if (victim !== undefined) process.kill(Number(victim), 'SIGKILL');
        holder.process.kill('SIGKILL');
        await holder.exited;
        await until(
          () => processesOf(folders).every((line) => line.includes('supervisor/main')),
          10_000,
          () => processesOf(folders).join('; '),
          scanEveryMs,
        );
      }
      const next = { workspaceRoot: root, services: ['redis'], holder: 'next', provider: 'local' };
      const lease = await leaseServices({ ...next, keepWarmMs: 0 }, host);
      await lease[Symbol.asyncDispose]();
      await workspace.untilNothingRemains(15_000); // whom nobody asked for anything waits 10 s for it
    });
    await Promise.allSettled(runs); // one that fails must not leave the others to the next test
    await Promise.all(runs);
  },
  120_000,
);

test('a frozen PostgreSQL leaves no shared memory, whoever is killed', async () => {
  await using workspace = scratchWorkspace();
  const first = await holdFrozen(workspace, ['postgres']);
  const segment = segmentOf(workspace.folders.data);
  expect(isThere(segment)).toBe(true);
  first.process.kill('SIGKILL');
  await workspace.untilNothingRemains();
  expect(isThere(segment)).toBe(false);

  const second = await holdFrozen(workspace, ['postgres']);
  const other = segmentOf(workspace.folders.data);
  process.kill(await supervisorPid(workspace.root), 'SIGKILL');
  second.process.kill('SIGKILL');
  const lease = await leaseServices({
    ...{ workspaceRoot: workspace.root, services: ['redis'], holder: 'next', keepWarmMs: 0 },
  });
  await lease[Symbol.asyncDispose]();
  await workspace.untilNothingRemains();
  expect(isThere(other)).toBe(false);
});

if (limited.length > 0) {
  test('a PostgreSQL with a limited disk has shared memory that ends with it, whoever is killed', async () => {
    await using workspace = scratchWorkspace();
    const holder = await holdFrozen(workspace, ['postgres', 'limited']);
    const [server] = processesOf(workspace.folders).filter((line) => line.includes('bin/postgres -D'));
    const pid = /process (\d+)/.exec(server ?? '')?.[1] ?? '';
    expect(readlinkSync(`/proc/${pid}/ns/ipc`)).not.toBe(readlinkSync('/proc/self/ns/ipc'));
    await holder.finish();
  });
}

test('a frozen server is ended with the rest by `down --force` and when the supervisor is told to end', async () => {
  await using workspace = scratchWorkspace();
  const { root } = workspace;
  const first = await holdFrozen(workspace, ['postgres']);
  const asked = await stopServices({ workspaceRoot: root });
  expect(asked?.inUse).toMatchObject([{ service: 'postgres', private: true, phase: 'frozen' }]);
  const forced = await stopServices({ workspaceRoot: root, force: true });
  expect(forced).toMatchObject({ stopped: ['postgres'], inUse: [] });
  await first.finish();
  await workspace.untilNothingRemains();

  const second = await holdFrozen(workspace, ['postgres']);
  process.kill(await supervisorPid(root), 'SIGTERM');
  await until(
    () => processesOf(workspace.folders).every((line) => !line.includes('postgres')),
    2_000,
    () => processesOf(workspace.folders).join('; '),
  );
  second.process.kill('SIGKILL');
  await workspace.untilNothingRemains();
});

test('a private server is shown as one, and what is done to it is not done to the shared one', async () => {
  await using workspace = scratchWorkspace();
  const workspaceRoot = workspace.root;
  await using lease = await leaseServices({
    ...{ workspaceRoot, services: ['redis'], holder: 'others', keepWarmMs: 0, provider: 'local' },
  });
  const holder = await holdFrozen(workspace, ['redis']);
  const shown = (await servicesStatus({ workspaceRoot }))?.services ?? [];
  expect(shown).toMatchObject([
    { service: 'redis', phase: 'running', private: false, holders: ['others'] },
    { service: 'redis', phase: 'frozen', private: true, holders: [`holder ${String(holder.process.pid)}`] },
  ]);
  const [shared] = lease.offers;
  expect(await stillAnswers(shared)).toBe(shared?.version);
  await holder.finish();
  expect(await stillAnswers(shared)).toBe(shared?.version);
});

// Only root may become somebody else; and where root has no such disk, nobody has.
if (thisHost().uid === 0 && limited.length > 0) {
  test('an account that is not root has a limited disk too, and leaves nothing', async () => {
    await using workspace = scratchWorkspace();
    const { root } = workspace;
    chownSync(root, nobody, nobody);
    const folders = runtimeFolders(root, { ...thisHost(), uid: nobody, temporaryFolder: root });
    const holder = startHolder(root, ['postgres', 'limited', 'freeze'], {
      script,
      uid: nobody,
      environment: { HOME: root, SERVICES_CACHE_FOLDER: join(root, 'cache'), TMPDIR: root },
    });
    expect(await holder.next()).toMatch(/^private .*PostgreSQL/);
    expect(processesOf(folders)).toContainEqual(expect.stringContaining('bin/postgres -D'));
    holder.process.kill('SIGKILL');
    await until(
      () => processesOf(folders).length === 0 && ![folders.control, folders.data].some(existsSync),
      5_000,
      () => processesOf(folders).join('; '),
    );
  });
}
