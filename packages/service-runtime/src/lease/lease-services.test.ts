import { mkdirSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../clock.js';
import type { ServiceOffer } from '../service/running-service.js';
import { encode, type Reply, type Request } from '../supervisor/protocol.js';
import { runtimeVersion } from '../supervisor/runtime-version.js';
import { deferred } from '../testing/deferred.js';
import { Scratch } from '../testing/scratch.js';
import { runtimeFolders } from '../workspace/runtime-folders.js';
import { type LeaseOptions, leaseServices } from './lease-services.js';
import type { OnProgress } from './outcome.js';

const offer: ServiceOffer<'postgres'> = {
  service: 'postgres',
  provider: 'local',
  endpoint: { host: '127.0.0.1', port: 5432, user: 'postgres', password: 'postgres', database: 'postgres' },
  version: 'PostgreSQL 15.18',
};
const start = { service: 'postgres', provider: 'local', variables: {} };
const ready: Reply = { kind: 'ready', offer };

/** A supervisor that gives this answer to every lease. */
async function supervisor(path: string, ...replies: Reply[]) {
  mkdirSync(dirname(path), { recursive: true });
  const requests: Request[] = [];
  const sockets = new Set<Socket>();
  const asked = deferred<undefined>();
  const closed = deferred<undefined>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      closed.resolve(undefined);
    });
    socket.write(encode({ kind: 'greeting', version: runtimeVersion(), pid: 1, workspace: '/w' }));
    socket.once('data', (data) => {
      requests.push(JSON.parse(data.toString()) as Request);
      for (const reply of replies) socket.write(encode(reply));
      asked.resolve(undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    requests,
    asked: asked.promise,
    /** Settles when a client has gone. */
    closed: closed.promise,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const options = (scratch: Scratch): LeaseOptions => ({
  workspaceRoot: scratch.folder,
  services: ['postgres'],
  holder: 'a:integration',
});

describe('leasing services', () => {
  test('asks the supervisor for those that are local, and gives them back with the lease', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    await using fake = await supervisor(runtimeFolders(scratch.folder, host).socket, ready);
    const lease = await leaseServices(options(scratch), host, systemClock);
    expect(lease.offers).toEqual([offer]);
    expect(lease.failures).toEqual([]);
    expect(fake.requests).toEqual([
      { kind: 'lease', holder: 'a:integration', services: [start], keepWarmMs: 600_000 },
    ]);
    await lease[Symbol.asyncDispose]();
    await fake.closed;
  });

  test('hands on what takes long, and goes on waiting for the answer', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const progress: Reply = { kind: 'progress', service: 'postgres', message: '40 % of the image' };
    await using fake = await supervisor(runtimeFolders(scratch.folder, host).socket, progress, ready);
    const heard: unknown[] = [];
    const onProgress: OnProgress = (...told) => heard.push(told);
    await using lease = await leaseServices({ ...options(scratch), onProgress }, host);
    expect(lease.offers).toEqual([offer]);
    expect(heard).toEqual([['postgres', '40 % of the image']]);
    expect(fake.requests).toHaveLength(1);
  });

  test('asks for nothing when a service is unknown, or its definition cannot be used', async () => {
    using scratch = new Scratch();
    scratch.write('docker/broken/service.mjs', 'export default { standardPort: 0 };');
    const leaseOf = (service: string): Promise<unknown> =>
      leaseServices({ ...options(scratch), services: [service, 'postgres'] }, scratch.host());
    await expect(leaseOf('mysql')).rejects.toMatchObject({ code: 'UNKNOWN_SERVICE' });
    await expect(leaseOf('broken')).rejects.toMatchObject({ code: 'SERVICE_DEFINITION_INVALID' });
  });

  test('reports what cannot be had without failing', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const failure = {
      code: 'BINARY_MISSING',
      service: 'postgres',
      summary: 'none',
      evidence: [],
      next: [],
    } as const;
    await using fake = await supervisor(runtimeFolders(scratch.folder, host).socket, {
      kind: 'failed',
      failure,
    });
    await using lease = await leaseServices(options(scratch), host);
    expect(lease).toMatchObject({ offers: [], failures: [failure] });
    expect(fake.requests).toHaveLength(1);
  });

  test('needs no supervisor where nothing is local', async () => {
    using scratch = new Scratch();
    await using lease = await leaseServices({ ...options(scratch), services: [] }, scratch.host());
    expect(lease.offers).toEqual([]);
  });

  test.each([
    [{}, 600_000],
    [{ CI: 'true' }, 0],
    [{ CI: 'false' }, 600_000],
    [{ CI: 'true', SERVICES_KEEP_WARM_MS: '250' }, 250],
    [{ SERVICES_KEEP_WARM_MS: '' }, 600_000],
  ])('keeps them warm, with %j, for %i ms', async (environment, keepWarmMs) => {
    using scratch = new Scratch();
    const host = scratch.host({ environment });
    await using fake = await supervisor(runtimeFolders(scratch.folder, host).socket, ready);
    await using lease = await leaseServices(options(scratch), host);
    expect(lease.offers).toHaveLength(1);
    expect(fake.requests).toMatchObject([{ keepWarmMs }]);
  });

  test.each(['-1', 'soon', '2147483648', 'Infinity'])(
    'refuses to keep them warm for %s ms',
    async (given) => {
      using scratch = new Scratch();
      const range = 'a number of milliseconds from 0 to 2147483647';
      const byVariable = leaseServices(
        options(scratch),
        scratch.host({ environment: { SERVICES_KEEP_WARM_MS: given } }),
      );
      await expect(byVariable).rejects.toMatchObject({
        report: {
          code: 'INVALID_OPTION',
          summary: `SERVICES_KEEP_WARM_MS is "${given}"; it must be ${range}.`,
        },
      });
      const byOption = leaseServices({ ...options(scratch), keepWarmMs: Number(given) }, scratch.host());
      await expect(byOption).rejects.toMatchObject({
        report: { code: 'INVALID_OPTION', summary: expect.stringContaining(range) },
      });
    },
  );

  test('gives back what it had when it is aborted while a server of somebody else is checked', async () => {
    using scratch = new Scratch();
    const told = new AbortController();
    const silent = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen({ host: '127.0.0.1', port: 0 }, resolve));
    const { port } = silent.address() as { port: number };
    const host = scratch.host({
      environment: { TEST_REDIS_HOST: '127.0.0.1', TEST_REDIS_PORT: String(port) },
    });
    await using fake = await supervisor(runtimeFolders(scratch.folder, host).socket, ready);
    const lease = leaseServices(
      { ...options(scratch), services: ['postgres', 'redis'], signal: told.signal },
      host,
    );
    lease.catch(() => undefined);
    await fake.asked;
    for (let round = 0; round < 50; round++) await setImmediate(); // the answer arrives; that of Redis never does
    told.abort(new Error('enough'));
    await expect(lease).rejects.toThrow('enough');
    await fake.closed;
    await new Promise((resolve) => silent.close(resolve));
  });
});
