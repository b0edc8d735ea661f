import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { endpointsOf, failureBox, type Host, leaseServices, pinServices, thisHost } from '../../src/index.js';
import type { PostgresEndpoint } from '../../src/index.js';
import { checkExternal } from '../../src/service/external/external-check.js';
import { requireVersion } from '../../src/service/external/external-failure.js';
import { postgresService } from '../../src/service/postgres/postgres-service.js';
import type { ServiceDefinition } from '../../src/service/service-definition.js';
import { scratchWorkspace, type ScratchWorkspace } from './scratch-workspace.js';

/** This machine with other variables. */
function hostWith(variables: Record<string, string>, changes: Partial<Host> = {}): Host {
  const host = thisHost();
  const environment = Object.fromEntries(
    Object.entries({ ...host.environment, ...variables }).filter(
      ([name]) => !name.startsWith('TEST_') || name in variables,
    ),
  );
  return { ...host, ...changes, environment };
}

const leaseOf = (
  workspace: ScratchWorkspace,
  service: 'postgres' | 'object-store' | 'redis',
  host: Host,
): ReturnType<typeof leaseServices> =>
  leaseServices({ workspaceRoot: workspace.root, services: [service], holder: 'test', keepWarmMs: 0 }, host);

/** Programs of a folder's own, in place of the system's. */
function folderWith(workspace: ScratchWorkspace, program: string, script: string): string {
  const folder = join(workspace.root, 'programs');
  mkdirSync(folder);
  writeFileSync(join(folder, program), script);
  chmodSync(join(folder, program), 0o755);
  return folder;
}

function listen(port: number): Promise<Server & AsyncDisposable> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      resolve(
        Object.assign(server, {
          [Symbol.asyncDispose]: () =>
            new Promise<void>((done) =>
              server.close(() => {
                done();
              }),
            ),
        }),
      );
    });
  });
}

test('a port that is taken is named with its owner, and nothing is left', async () => {
  await using workspace = scratchWorkspace();
  await using server = await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const service of ['postgres', 'object-store', 'redis'] as const) {
    const outcome = await pinServices({
      workspaceRoot: workspace.root,
      services: [service],
      ports: { [service]: port },
    });
    expect(outcome.failures).toMatchObject([{ code: 'PORT_TAKEN', service }]);
    expect(outcome.failures[0]?.evidence.join()).toContain(`process ${String(process.pid)}`);
    await workspace.untilNothingRemains();
  }
});

test.each([
  ['redis', 'redis-server'],
  ['object-store', 'radosgw'],
] as const)(
  'a missing program for %s is named with the command that installs it',
  async (service, program) => {
    await using workspace = scratchWorkspace();
    const lease = await leaseOf(
      workspace,
      service,
      hostWith({ SERVICES_PATH: join(workspace.root, 'nowhere') }),
    );
    expect(lease.offers).toEqual([]);
    expect(lease.failures).toMatchObject([{ code: 'BINARY_MISSING', service }]);
    expect(failureBox(lease.failures[0] as never)).toContain(program);
    expect(lease.failures[0]?.next[0]).toBe('npx nx run services:install');
    await lease[Symbol.asyncDispose]();
    await workspace.untilNothingRemains();
  },
);

test('a server that dies while it starts is shown with its exit code and its last words', async () => {
  await using workspace = scratchWorkspace();
  const folder = folderWith(
    workspace,
    'redis-server',
    '#!/bin/sh\necho "cannot go on, said the server"\nexit 7\n',
  );
  const lease = await leaseOf(workspace, 'redis', hostWith({ SERVICES_PATH: folder }));
  expect(lease.failures).toMatchObject([{ code: 'SERVICE_DIED', service: 'redis' }]);
  expect(lease.failures[0]?.evidence).toEqual(
    expect.arrayContaining(['exit code 7', 'cannot go on, said the server']),
  );
  await lease[Symbol.asyncDispose]();
  await workspace.untilNothingRemains();
});

test('a temporary folder that cannot be written to is named, with the way out', async () => {
  await using workspace = scratchWorkspace();
  const host = hostWith({}, { temporaryFolder: '/proc/1' });
  await expect(leaseOf(workspace, 'redis', host)).rejects.toMatchObject({
    report: { code: 'FOLDER_NOT_WRITABLE', next: [expect.stringContaining('TMPDIR')] },
  });
  expect(workspace.remains()).toEqual([]);
});

test('a workspace whose folder is not there is named', async () => {
  const options = { workspaceRoot: '/nowhere/at/all', services: ['redis'], holder: 'test' } as const;
  await expect(leaseServices(options)).rejects.toMatchObject({ report: { code: 'INVALID_OPTION' } });
});

test('Windows is told that it is not supported, and what to do instead', async () => {
  await using workspace = scratchWorkspace();
  await expect(leaseOf(workspace, 'redis', hostWith({}, { platform: 'win32' }))).rejects.toMatchObject({
    report: { code: 'PLATFORM_NOT_SUPPORTED', next: [expect.stringContaining('WSL'), expect.any(String)] },
  });
});

// Only root may mount a small disk.
if (thisHost().uid === 0) {
  test('a full disk is called a full disk, and nothing is left', async () => {
    await using workspace = scratchWorkspace();
    const disk = join(workspace.root, 'disk');
    mkdirSync(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk]);
    expect(mounted.stderr.toString()).toBe('');
    try {
      chmodSync(disk, 0o755);
      // The supervisor takes the temporary folder when there is no room where data is kept best.
      const host = hostWith({ SERVICES_DATA_FOLDER: disk, TMPDIR: disk }, { temporaryFolder: disk });
      const lease = await leaseOf(workspace, 'postgres', host);
      expect(lease.failures).toMatchObject([{ code: 'DISK_FULL', service: 'postgres' }]);
      expect(lease.failures[0]?.next[0]).toContain('df -h');
      await lease[Symbol.asyncDispose]();
      await workspace.untilNothingRemains();
    } finally {
      spawnSync('umount', ['--lazy', disk]);
    }
  });
}

describe('a server that already runs', () => {
  const signal = new AbortController().signal;

  test('with a wrong password is refused without the password in the message', async () => {
    await using owner = scratchWorkspace();
    await using workspace = scratchWorkspace();
    await using running = await leaseOf(owner, 'postgres', hostWith({}));
    const { postgres } = endpointsOf(running.offers);
    const variables = {
      TEST_POSTGRES_HOST: '127.0.0.1',
      TEST_POSTGRES_PORT: String(postgres?.port),
      TEST_POSTGRES_PASSWORD: 'hunter2',
    };
    const { failures } = await leaseOf(workspace, 'postgres', hostWith(variables));
    expect(failures).toMatchObject([{ code: 'EXTERNAL_REFUSED_CREDENTIALS', service: 'postgres' }]);
    expect(JSON.stringify(failures)).not.toContain('hunter2');
    expect(failures[0]?.next[0]).toContain('TEST_POSTGRES_PASSWORD');
  });

  test('that is too old is refused with both versions', async () => {
    await using owner = scratchWorkspace();
    await using running = await leaseOf(owner, 'postgres', hostWith({}));
    const { postgres } = endpointsOf(running.offers);
    if (postgres === undefined) throw new Error('postgres was not offered');
    const demanding: ServiceDefinition<PostgresEndpoint> = {
      ...postgresService,
      checkExternal: async (endpoint, until, variable) => {
        const version = await postgresService.probe(endpoint, until);
        requireVersion('postgres', variable, version, 99);
        return version;
      },
    };
    await expect(checkExternal(demanding, postgres, 'TEST_POSTGRES_HOST', signal)).rejects.toMatchObject({
      report: { code: 'EXTERNAL_TOO_OLD', summary: expect.stringMatching(/PostgreSQL 15\.\d+; version 99/) },
    });
  });

  test('that does not answer is named with its address and the variable', async () => {
    await using workspace = scratchWorkspace();
    const host = hostWith({ TEST_MINIO_ENDPOINT: '127.0.0.1:1' });
    const { failures } = await leaseOf(workspace, 'object-store', host);
    expect(failures).toMatchObject([{ code: 'EXTERNAL_NOT_REACHABLE', service: 'object-store' }]);
    expect(failures[0]?.summary).toContain('TEST_MINIO_ENDPOINT (127.0.0.1:1)');
  });

  test('that is asked for and named by nothing is said so', async () => {
    await using workspace = scratchWorkspace();
    const host = hostWith({ SERVICES_PROVIDER: 'external' });
    await expect(leaseOf(workspace, 'redis', host)).rejects.toMatchObject({
      report: { code: 'EXTERNAL_NOT_CONFIGURED' },
    });
  });
});
