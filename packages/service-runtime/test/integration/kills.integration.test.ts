import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { leaseServices } from '../../src/index.js';
import { identify, isAlive } from '../../src/process/process-identity.js';
import {
  processesOf,
  scratchWorkspace,
  type ScratchWorkspace,
  startHolder,
  supervisorPid,
  until,
} from './scratch-workspace.js';
import { isThere, segmentOf } from './shared-memory.js';

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

test('a PostgreSQL that is killed outright leaves no shared memory after the next start', async () => {
  await using workspace = scratchWorkspace();
  const holder = startHolder(workspace.root, ['postgres']);
  await holder.next();
  const segment = segmentOf(workspace.folders.data);
  expect(isThere(segment)).toBe(true);
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
  await nextRunLeavesNothing(workspace);
  expect(isThere(segment)).toBe(false);
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
