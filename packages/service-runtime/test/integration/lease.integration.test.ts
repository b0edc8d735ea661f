import { statSync } from 'node:fs';
import { leaseServices, servicesStatus } from '../../src/index.js';
import { scratchWorkspace, startHolder } from './scratch-workspace.js';

const all = ['postgres', 'object-store', 'redis'] as const;

test('ten processes that begin at once share one supervisor and one server', async () => {
  await using workspace = scratchWorkspace();
  const holders = Array.from({ length: 10 }, () => startHolder(workspace.root, ['redis']));
  const lines = await Promise.all(holders.map((holder) => holder.next()));
  expect(new Set(lines.map((line) => /"port":(\d+)/.exec(line)?.[1])).size).toBe(1);
  const status = await servicesStatus({ workspaceRoot: workspace.root });
  expect(status?.services.find(({ service }) => service === 'redis')?.holders).toHaveLength(10);
  await Promise.all(holders.map((holder) => holder.finish()));
  // One that was started too late to be needed waits for 10 s for somebody to ask it.
  await workspace.untilNothingRemains(20_000);
});

test('nobody else can reach the socket, and the state file and its folder are ours alone to write', async () => {
  await using workspace = scratchWorkspace();
  await using lease = await leaseServices({
    workspaceRoot: workspace.root,
    services: ['redis'],
    holder: 'test',
    keepWarmMs: 0,
  });
  expect(lease.offers).toHaveLength(1);
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  expect(mode(workspace.folders.socket)).toBe('600');
  expect(mode(workspace.folders.state)).toBe('600');
  expect(mode(workspace.folders.control)).toBe('755');
});

test('no password and no key stands in the arguments of a process', async () => {
  await using workspace = scratchWorkspace();
  await using lease = await leaseServices({
    workspaceRoot: workspace.root,
    services: all,
    holder: 'test',
    keepWarmMs: 0,
  });
  expect(lease.failures).toEqual([]);
  const commands = workspace.remains().filter((line) => line.startsWith('process'));
  expect(commands.length).toBeGreaterThanOrEqual(6);
  expect(commands.join('\n')).not.toMatch(/minioadmin|password/i);
});
