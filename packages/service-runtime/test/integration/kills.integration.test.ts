import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { leaseServices } from '../../src/index.js';
import { systemClock } from '../../src/clock.js';
import { identify, isAlive } from '../../src/process/process-identity.js';
import {
  processesOf,
  scratchWorkspace,
  type ScratchWorkspace,
  startHolder,
  supervisorPid,
  until,
} from './scratch-workspace.js';

/** How often each is killed. What goes wrong one time in ten goes wrong here. */
const kills = 20;
const services = ['postgres', 'object-store', 'redis'];

/** Printed on failure, so that the same moments can be tried again: SEED=… */
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** Mulberry32: moments that look random and can be had again. */
function momentsUpTo(maxMs: number): number[] {
  let state = seed;
  return Array.from({ length: kills }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * maxMs;
  });
}

/** Starts and stops the services once more, as the next run would, and sees that nothing is left. */
async function nextRunLeavesNothing(workspace: ScratchWorkspace): Promise<void> {
  const lease = await leaseServices({
    workspaceRoot: workspace.root,
    services: ['postgres', 'redis'],
    holder: 'next',
    keepWarmMs: 0,
  });
  expect(lease.failures).toEqual([]);
  await lease[Symbol.asyncDispose]();
  await workspace.untilNothingRemains();
}

test(`a holder killed at any of ${String(kills)} moments leaves nothing, without another start (seed ${String(seed)})`, async () => {
  await using workspace = scratchWorkspace();
  for (const moment of momentsUpTo(2_500)) {
    const holder = startHolder(workspace.root, services);
    await systemClock.sleep(moment);
    holder.process.kill('SIGKILL');
    await holder.exited;
    await workspace.untilNothingRemains(15_000);
  }
}, 180_000);

test(`a supervisor killed at any of ${String(kills)} moments takes its servers with it, and the next start clears the rest (seed ${String(seed)})`, async () => {
  await using workspace = scratchWorkspace();
  const segmentsBefore = sharedMemory();
  let killed = 0;
  for (const moment of momentsUpTo(2_000)) {
    const holder = startHolder(workspace.root, services);
    await until(
      () => processesOf(workspace.folders).some((line) => line.includes('supervisor/main')),
      10_000,
      () => 'no supervisor',
    );
    await systemClock.sleep(moment);
    const [supervisor] = processesOf(workspace.folders).filter((line) => line.includes('supervisor/main'));
    if (supervisor !== undefined) {
      process.kill(Number(/process (\d+)/.exec(supervisor)?.[1]), 'SIGKILL');
      killed++;
    }
    holder.process.kill('SIGKILL');
    await holder.exited;
    // Not even servers that were just being started go on.
    await until(
      () => processesOf(workspace.folders).length === 0,
      5_000,
      () => processesOf(workspace.folders).join('; '),
    );
  }
  await nextRunLeavesNothing(workspace);
  expect(sharedMemory()).toEqual(segmentsBefore);
  expect(killed).toBe(kills);
}, 180_000);

test('a PostgreSQL that is killed outright leaves no shared memory after the next start', async () => {
  await using workspace = scratchWorkspace();
  const before = sharedMemory();
  const holder = startHolder(workspace.root, ['postgres']);
  await holder.next();
  const supervisor = await supervisorPid(workspace.root);
  process.kill(supervisor, 'SIGSTOP'); // it must not see its server end
  const [postmaster] = processesOf(workspace.folders).filter((line) => line.includes('bin/postgres -D'));
  process.kill(Number(/process (\d+)/.exec(postmaster ?? '')?.[1]), 'SIGKILL');
  process.kill(supervisor, 'SIGKILL');
  holder.process.kill('SIGKILL');
  await until(
    () => processesOf(workspace.folders).length === 0,
    5_000,
    () => processesOf(workspace.folders).join('; '),
  );
  expect(sharedMemory()).not.toEqual(before);
  await nextRunLeavesNothing(workspace);
  expect(sharedMemory()).toEqual(before);
});

test('a process that has the pid of a server of ours, but is not it, is never signalled', async () => {
  await using workspace = scratchWorkspace();
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    const identity = identify(stranger.pid ?? -1);
    if (identity === undefined) throw new Error('the stranger did not start');
    mkdirSync(workspace.folders.control, { recursive: true, mode: 0o711 });
    const processes = [
      { ...identity, startedAt: '1', endSignal: 'SIGKILL' },
      { ...identity, bootId: 'another boot', endSignal: 'SIGQUIT' },
    ];
    writeFileSync(workspace.folders.state, JSON.stringify({ dataFolder: workspace.folders.data, processes }));
    await nextRunLeavesNothing(workspace);
    expect(isAlive(identity)).toBe(true);
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('a server that a killed supervisor recorded, and that lives, is ended by the next start', async () => {
  await using workspace = scratchWorkspace();
  const orphan = spawn('sleep', ['60'], { stdio: 'ignore' });
  const identity = identify(orphan.pid ?? -1);
  if (identity === undefined) throw new Error('the orphan did not start');
  mkdirSync(workspace.folders.control, { recursive: true, mode: 0o711 });
  const processes = [{ ...identity, endSignal: 'SIGKILL' }];
  writeFileSync(workspace.folders.state, JSON.stringify({ dataFolder: workspace.folders.data, processes }));
  await nextRunLeavesNothing(workspace);
  expect(isAlive(identity)).toBe(false);
});

test('what a killed supervisor of another workspace left is swept by the next start of any workspace', async () => {
  await using dead = scratchWorkspace();
  await using alive = scratchWorkspace();
  const holder = startHolder(dead.root, ['redis']);
  await holder.next();
  process.kill(await supervisorPid(dead.root), 'SIGKILL');
  holder.process.kill('SIGKILL');
  await holder.exited;
  expect(dead.remains()).toContain(`folder ${dead.folders.control}`);
  await nextRunLeavesNothing(alive);
  await dead.untilNothingRemains();
});

/** The System V segments of everybody, but not how many processes are attached to each. */
function sharedMemory(): string[] {
  const [, ...rows] = readFileSync('/proc/sysvipc/shm', 'latin1').trimEnd().split('\n');
  return rows
    .filter((row) => row.trim().split(/\s+/)[6] === '0')
    .map((row) => row.trim().split(/\s+/).slice(0, 2).join(' '));
}
