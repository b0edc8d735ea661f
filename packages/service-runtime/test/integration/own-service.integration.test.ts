import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  diagnose,
  type Host,
  install,
  leaseServices,
  planInstall,
  type ServiceLease,
  servicesStatus,
  startPrivateServer,
  thisHost,
  toVariables,
  endpointsOf,
} from '../../src/index.js';
import { loadService } from '../../src/workspace/workspace-services.js';
import {
  processesOf,
  scratchWorkspace,
  type ScratchWorkspace,
  startHolder,
  supervisorPid,
  until,
} from './scratch-workspace.js';

const signal = new AbortController().signal;

/** The service.mjs that the README shows: what is proved here is what a reader copies. */
const definition = ((): string => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const block = /```js\n(\/\/ docker\/memcached\/service\.mjs\n[\s\S]*?)```/.exec(readme)?.[1];
  if (block === undefined) throw new Error('the README shows no docker/memcached/service.mjs');
  return block;
})();

/** A workspace that defines memcached. */
function workspaceWithMemcached(): ScratchWorkspace {
  const workspace = scratchWorkspace();
  writeDefinition(workspace, definition);
  return workspace;
}

function writeDefinition(workspace: ScratchWorkspace, text: string): void {
  const file = join(workspace.root, 'docker', 'memcached', 'service.mjs');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** This machine, with these variables and none other that names a server. */
function hostWith(variables: Record<string, string>, changes: Partial<Host> = {}): Host {
  const host = thisHost();
  const others = Object.entries(host.environment).filter(([name]) => !/^(?:TEST|SERVICES)_/.test(name));
  return { ...host, environment: { ...Object.fromEntries(others), ...variables }, ...changes };
}

const leaseOf = (
  workspace: ScratchWorkspace,
  services: readonly string[],
  host = hostWith({}),
  keepWarmMs = 0,
): Promise<ServiceLease> =>
  leaseServices({ workspaceRoot: workspace.root, services, holder: 'test', keepWarmMs }, host);

/** The one process that is a memcached on this port; its arguments say nothing of the workspace. */
function memcachedOn(port: number | undefined): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words[0]?.endsWith('/memcached') === true && words.includes(String(port));
    } catch {
      return false; // no process, or one that has just ended
    }
  });
}

const untilGone = (port: number | undefined): Promise<void> =>
  until(
    () => memcachedOn(port).length === 0,
    5_000,
    () => `memcached runs on: process ${memcachedOn(port).join()}`,
  );

const portOf = ({ offers }: ServiceLease): number | undefined => endpointsOf(offers)['memcached']?.port;

/** Installs it where that may be done unasked: as root, or where somebody has asked for all integration tests. */
async function isInstalled(): Promise<boolean> {
  await using workspace = workspaceWithMemcached();
  const host = hostWith({});
  const plan = await planInstall(workspace.root, ['memcached'], host);
  if (plan.missing.length === 0) return true;
  const isWanted = ['CI', 'INTEGRATION_TESTS'].some((name) => Boolean(host.environment[name]));
  if (!isWanted && host.uid !== 0) return false;
  await install(plan, AbortSignal.timeout(300_000));
  // On a machine that starts what it installs, that one is nobody's.
  spawnSync('service', ['memcached', 'stop'], { stdio: 'ignore', timeout: 30_000 });
  return true;
}

describe('a service that a workspace defines, whose program is missing', () => {
  /** A machine with nothing but an apt. */
  const bare = (workspace: ScratchWorkspace): Host => {
    const folder = join(workspace.root, 'programs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'apt-get'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    return hostWith({}, { programFolders: [folder] });
  };

  test('is in the plan of an installation, by the package that its definition names', async () => {
    await using workspace = workspaceWithMemcached();
    const plan = await planInstall(workspace.root, ['memcached'], bare(workspace));
    expect(plan.missing).toEqual(['memcached']);
    expect(plan.commands.at(-1)?.slice(-2)).toEqual(['--no-install-recommends', 'memcached']);
  });

  test('is said by the doctor to be missing, and how to get it or to name one that runs', async () => {
    await using workspace = workspaceWithMemcached();
    const rows = await diagnose(workspace.root, bare(workspace));
    const ours = rows.filter(({ service }) => service === 'memcached');
    expect(ours.find(({ provider }) => provider === 'local')).toMatchObject({
      available: false,
      detail: expect.stringContaining('memcached is not installed'),
      next: 'npx nx run services:install',
    });
    expect(ours.find(({ provider }) => provider === 'external')).toMatchObject({
      available: false,
      chosen: false,
      next: 'export TEST_MEMCACHED_HOST=…',
    });
  });
});

if (await isInstalled()) {
  describe('a service that a workspace defines', () => {
    test('is leased together with a built-in one, joined by another process, and gone with the last lease', async () => {
      await using workspace = workspaceWithMemcached();
      const lease = await leaseOf(workspace, ['memcached', 'redis']);
      expect(lease.failures).toEqual([]);
      expect(lease.offers).toMatchObject([
        { service: 'redis', provider: 'local' },
        { service: 'memcached', provider: 'local', version: expect.stringMatching(/^memcached \d+\.\d+/) },
      ]);
      const port = portOf(lease);
      expect(memcachedOn(port)).toHaveLength(1);
      const holder = startHolder(workspace.root, ['memcached']);
      expect(await holder.next()).toContain(`"port":${String(port)}`);
      const status = await servicesStatus({ workspaceRoot: workspace.root });
      expect(status?.services.find(({ service }) => service === 'memcached')?.holders).toHaveLength(2);
      await lease[Symbol.asyncDispose]();
      const { probe } = await loadService(workspace.root, 'memcached');
      expect(await probe({ host: '127.0.0.1', port: port ?? 0 }, signal)).toMatch(/^memcached/);
      await holder.finish();
      await workspace.untilNothingRemains();
      await untilGone(port);
    });

    test('is available by the doctor, with its program', async () => {
      await using workspace = workspaceWithMemcached();
      const rows = await diagnose(workspace.root, hostWith({}));
      expect(
        rows.find(({ service, provider }) => service === 'memcached' && provider === 'local'),
      ).toMatchObject({
        available: true,
        chosen: true,
        detail: expect.stringMatching(/\/memcached; port 11211/),
      });
      expect(await planInstall(workspace.root, ['memcached'], hostWith({}))).toEqual({
        missing: [],
        commands: [],
      });
    });

    test('dies with its supervisor, and the next start sweeps what is left', async () => {
      await using workspace = workspaceWithMemcached();
      const holder = startHolder(workspace.root, ['memcached']);
      const port = Number(/"port":(\d+)/.exec(await holder.next())?.[1]);
      expect(memcachedOn(port)).toHaveLength(1);
      process.kill(await supervisorPid(workspace.root), 'SIGKILL');
      holder.process.kill('SIGKILL');
      await holder.exited;
      await untilGone(port);
      expect(processesOf(workspace.folders)).toEqual([]);
      expect(workspace.remains()).not.toEqual([]); // folders, which nobody was left to remove
      const next = await leaseOf(workspace, ['memcached']);
      expect(next.failures).toEqual([]);
      await next[Symbol.asyncDispose]();
      await workspace.untilNothingRemains();
      await untilGone(portOf(next));
    });

    test('is run by its definition as it is now: a supervisor that nobody uses is replaced after an edit', async () => {
      await using workspace = workspaceWithMemcached();
      const first = await leaseOf(workspace, ['memcached'], hostWith({}), 60_000);
      expect(first.failures).toEqual([]);
      await first[Symbol.asyncDispose](); // it stays warm
      const before = await supervisorPid(workspace.root);
      writeDefinition(workspace, definition.replaceAll('memcached $', 'an edited memcached $'));
      const second = await leaseOf(workspace, ['memcached']);
      expect(second.failures).toEqual([]);
      expect(second.offers[0]?.version).toMatch(/^an edited memcached \d/);
      expect(await supervisorPid(workspace.root)).not.toBe(before);
      await second[Symbol.asyncDispose]();
      await workspace.untilNothingRemains();
      await untilGone(portOf(first));
    });

    test('goes on as it is for those who use it when its definition is edited, and others are told who they are', async () => {
      await using workspace = workspaceWithMemcached();
      const holder = startHolder(workspace.root, ['memcached']);
      await holder.next();
      writeDefinition(workspace, `${definition}\n// edited\n`);
      await expect(leaseOf(workspace, ['memcached'])).rejects.toMatchObject({
        report: {
          code: 'SUPERVISOR_OF_ANOTHER_VERSION',
          evidence: expect.arrayContaining([
            expect.stringContaining(`memcached is used by holder ${String(holder.process.pid)}`),
          ]),
        },
      });
      await holder.finish();
      await workspace.untilNothingRemains();
    });

    test('may be a server that somebody else runs: named by its variables, probed, and left alone', async () => {
      await using owner = workspaceWithMemcached();
      await using guest = workspaceWithMemcached();
      await using running = await leaseOf(owner, ['memcached']);
      const variables = toVariables(endpointsOf(running.offers));
      expect(variables).toEqual({
        TEST_MEMCACHED_HOST: '127.0.0.1',
        TEST_MEMCACHED_PORT: String(portOf(running)),
      });
      const lease = await leaseOf(guest, ['memcached'], hostWith(variables));
      expect(lease.offers).toEqual([
        {
          service: 'memcached',
          provider: 'external',
          endpoint: running.offers[0]?.endpoint,
          version: running.offers[0]?.version,
        },
      ]);
      await lease[Symbol.asyncDispose]();
      expect(guest.remains()).toEqual([]);
      expect(memcachedOn(portOf(running))).toHaveLength(1);
      const missing = await leaseOf(
        guest,
        ['memcached'],
        hostWith({ ...variables, TEST_MEMCACHED_PORT: '1' }),
      );
      expect(missing.failures).toMatchObject([{ code: 'EXTERNAL_NOT_REACHABLE', service: 'memcached' }]);
    });

    test('can be had as a private server, frozen, killed, and started again', async () => {
      await using workspace = workspaceWithMemcached();
      const asked = { workspaceRoot: workspace.root, service: 'memcached', holder: 'test' };
      await expect(startPrivateServer({ ...asked, maxConnections: 9 }, hostWith({}))).rejects.toMatchObject({
        report: { code: 'FAULT_NOT_SUPPORTED', service: 'memcached' },
      });
      const server = await startPrivateServer(asked, hostWith({}));
      const { port } = server.offer.endpoint;
      expect(port).not.toBe(11_211);
      await server.freeze();
      await server.kill();
      expect(memcachedOn(port)).toEqual([]);
      await server.restart();
      expect(memcachedOn(port)).toHaveLength(1);
      await server[Symbol.asyncDispose]();
      expect(memcachedOn(port)).toEqual([]);
      await workspace.untilNothingRemains();
    });

    test('is named before anything starts when its definition is broken, and others can be had without it', async () => {
      await using workspace = workspaceWithMemcached();
      writeDefinition(workspace, 'export default { standardPort: 11211 };');
      await expect(leaseOf(workspace, ['memcached', 'redis'])).rejects.toMatchObject({
        report: { code: 'SERVICE_DEFINITION_INVALID', service: 'memcached' },
      });
      expect(workspace.remains()).toEqual([]);
      const lease = await leaseOf(workspace, ['redis']); // which does not need it
      expect(lease.failures).toEqual([]);
      await lease[Symbol.asyncDispose]();
      await workspace.untilNothingRemains();
    });
  });
} else {
  test('memcached is not installed, so that own services are not proved here: apt-get install memcached', () => {
    expect(thisHost().uid).not.toBe(0);
  });
}
