import { statSync } from 'node:fs';
import { probePostgres } from '../../src/service/postgres/postgres-probe.js';
import {
  type BuiltInService,
  type EndpointOf,
  endpointsOf,
  leaseServices,
  pinServices,
  type ServiceLease,
  servicesStatus,
  stopServices,
} from '../../src/index.js';
import { probeFor } from './probe-for.js';
import { scratchWorkspace, startHolder, until } from './scratch-workspace.js';

const all = ['postgres', 'object-store', 'redis'] as const;
const signal = new AbortController().signal;

function endpointOf<N extends BuiltInService>(
  { offers }: Pick<ServiceLease, 'offers'>,
  service: N,
): EndpointOf<N> {
  const endpoint = endpointsOf(offers)[service] as EndpointOf<N> | undefined;
  if (endpoint === undefined) throw new Error(`${service} was not offered`);
  return endpoint;
}

test('a lease starts all three services, each answers its protocol, and nothing is left when it is given back', async () => {
  await using workspace = scratchWorkspace();
  const lease = await leaseServices({
    workspaceRoot: workspace.root,
    services: all,
    holder: 'test',
    keepWarmMs: 0,
  });
  expect(lease.failures).toEqual([]);
  expect(lease.offers.map(({ service, provider }) => [service, provider])).toEqual([
    ['postgres', 'local'],
    ['object-store', 'local'],
    ['redis', 'local'],
  ]);
  for (const offer of lease.offers) {
    expect(offer.endpoint.host).toBe('127.0.0.1');
    await expect(probeFor(offer)(signal)).resolves.toMatch(/PostgreSQL 15|S3|Redis/);
  }
  await lease[Symbol.asyncDispose]();
  await workspace.untilNothingRemains();
});

test('a second lease joins what runs, and whoever ends first takes nothing from the other', async () => {
  await using workspace = scratchWorkspace();
  const options = { workspaceRoot: workspace.root, services: ['postgres'], keepWarmMs: 0 } as const;
  const first = await leaseServices({ ...options, holder: 'first' });
  const second = await leaseServices({ ...options, holder: 'second' });
  expect(second.offers[0]?.endpoint).toEqual(first.offers[0]?.endpoint);
  expect(second.offers[0]?.startedInMs).toBeUndefined();
  await first[Symbol.asyncDispose]();
  await expect(probePostgres(endpointOf(second, 'postgres'), signal)).resolves.toMatch(/^PostgreSQL 15/);
  await second[Symbol.asyncDispose]();
  await workspace.untilNothingRemains();
});

test('ten processes that begin at once share one supervisor and one server', async () => {
  await using workspace = scratchWorkspace();
  const holders = Array.from({ length: 10 }, () => startHolder(workspace.root, ['redis']));
  const lines = await Promise.all(holders.map((holder) => holder.next()));
  expect(new Set(lines.map((line) => /"port":(\d+)/.exec(line)?.[1])).size).toBe(1);
  const status = await servicesStatus({ workspaceRoot: workspace.root });
  expect(status?.services.find(({ service }) => service === 'redis')?.holders).toHaveLength(10);
  await Promise.all(holders.map((holder) => holder.finish()));
  await workspace.untilNothingRemains();
});

test('two workspaces have servers of their own, and ending one leaves the other alone', async () => {
  await using one = scratchWorkspace();
  await using other = scratchWorkspace();
  const options = { services: ['postgres', 'redis'], holder: 'test', keepWarmMs: 0 } as const;
  const [mine, theirs] = await Promise.all([
    leaseServices({ ...options, workspaceRoot: one.root }),
    leaseServices({ ...options, workspaceRoot: other.root }),
  ]);
  for (const service of options.services) {
    expect(endpointOf(mine, service).port).not.toBe(endpointOf(theirs, service).port);
  }
  await mine[Symbol.asyncDispose]();
  await one.untilNothingRemains();
  await expect(probePostgres(endpointOf(theirs, 'postgres'), signal)).resolves.toMatch(/^PostgreSQL/);
  await theirs[Symbol.asyncDispose]();
  await other.untilNothingRemains();
});

test('what is pinned outlives every lease until it is told to stop', async () => {
  await using workspace = scratchWorkspace();
  const pinned = await pinServices({
    workspaceRoot: workspace.root,
    services: ['redis'],
    ports: { redis: 0 },
  });
  expect(pinned.failures).toEqual([]);
  const lease = await leaseServices({
    workspaceRoot: workspace.root,
    services: ['redis'],
    holder: 'test',
    keepWarmMs: 0,
  });
  await lease[Symbol.asyncDispose]();
  const endpoint = endpointOf(pinned, 'redis');
  expect(endpointOf(lease, 'redis')).toEqual(endpoint);
  const status = await servicesStatus({ workspaceRoot: workspace.root });
  expect(status?.services.find(({ service }) => service === 'redis')).toMatchObject({
    phase: 'running',
    pinned: true,
  });
  await expect(stopServices({ workspaceRoot: workspace.root })).resolves.toMatchObject({
    stopped: ['redis'],
    inUse: [],
  });
  await workspace.untilNothingRemains();
});

test('down leaves a service running that somebody uses, and --force stops it', async () => {
  await using workspace = scratchWorkspace();
  const holder = startHolder(workspace.root, ['redis']);
  await holder.next();
  const gently = await stopServices({ workspaceRoot: workspace.root });
  expect(gently).toMatchObject({ stopped: [], inUse: [{ service: 'redis', phase: 'running' }] });
  const forced = await stopServices({ workspaceRoot: workspace.root, force: true });
  expect(forced).toMatchObject({ stopped: ['redis'], inUse: [] });
  await holder.finish();
  await workspace.untilNothingRemains();
});

test('a service that ends by itself is cleared up and started anew for the next lease', async () => {
  await using workspace = scratchWorkspace();
  await using first = await leaseServices({
    workspaceRoot: workspace.root,
    services: ['redis'],
    holder: 'a',
    keepWarmMs: 0,
  });
  const [server] = workspace.remains().filter((line) => line.includes('redis-server'));
  process.kill(Number(/process (\d+)/.exec(server ?? '')?.[1]), 'SIGKILL');
  await until(
    async () => {
      const status = await servicesStatus({ workspaceRoot: workspace.root });
      return status?.services.find(({ service }) => service === 'redis')?.phase === 'stopped';
    },
    5_000,
    () => 'it was not noticed',
  );
  await using second = await leaseServices({
    workspaceRoot: workspace.root,
    services: ['redis'],
    holder: 'b',
    keepWarmMs: 0,
  });
  await expect(probeFor(second.offers[0])(signal)).resolves.toMatch(/^Redis/);
  expect(first.offers).toHaveLength(1);
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
