import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EndpointOf,
  endpointsOf,
  type Host,
  leaseServices,
  type BuiltInService,
  type ServiceFailureReport,
  type ServiceLease,
  thisHost,
  toVariables,
} from '../../src/index.js';
import { queryPostgres } from '../../src/service/postgres/postgres-probe.js';
import { requestObjectStore } from '../../src/service/object-store/object-store-request.js';
import { sendRedis } from '../../src/service/redis/redis-probe.js';
import { scratchWorkspace, type ScratchWorkspace } from './scratch-workspace.js';

const signal = new AbortController().signal;

/** The server's own workspace, and one whose variables name that server with an account that may do little. */
interface Servers extends AsyncDisposable {
  readonly owner: ScratchWorkspace;
  readonly lease: ServiceLease;
  /** What a run is given that has this endpoint in its variables. It has given it back. */
  askAs<N extends BuiltInService>(
    service: N,
    endpoint: EndpointOf<N>,
  ): Promise<Pick<ServiceLease, 'offers' | 'failures'>>;
}

async function start(service: BuiltInService): Promise<Servers> {
  const owner = scratchWorkspace();
  const guest = scratchWorkspace();
  const options = { services: [service], holder: 'test', keepWarmMs: 0 };
  const lease = await leaseServices({ ...options, workspaceRoot: owner.root }, hostWith({}));
  expect(lease.failures).toEqual([]);
  return {
    owner,
    lease,
    askAs: async (name, endpoint) => {
      const host = hostWith(toVariables({ [name]: endpoint }));
      await using asked = await leaseServices({ ...options, workspaceRoot: guest.root }, host);
      return { offers: asked.offers, failures: asked.failures };
    },
    [Symbol.asyncDispose]: async () => {
      await lease[Symbol.asyncDispose]();
      await guest[Symbol.asyncDispose]();
      await owner[Symbol.asyncDispose]();
    },
  };
}

function refusal({ offers, failures }: Pick<ServiceLease, 'offers' | 'failures'>): ServiceFailureReport {
  expect(offers).toEqual([]);
  const [failure] = failures;
  if (failure === undefined) throw new Error('it was not refused');
  return failure;
}

/** This machine, with these variables and none other that names a server. */
function hostWith(variables: Record<string, string>): Host {
  const host = thisHost();
  const others = Object.entries(host.environment).filter(([name]) => !/^(?:TEST|SERVICES)_/.test(name));
  return { ...host, environment: { ...Object.fromEntries(others), ...variables } };
}

test('a PostgreSQL role that may not create databases is named, with the statement that lets it', async () => {
  await using servers = await start('postgres');
  const { postgres } = endpointsOf(servers.lease.offers);
  if (postgres === undefined) throw new Error('postgres was not offered');
  await queryPostgres(postgres, `CREATE ROLE guest LOGIN PASSWORD 's3cr3t'`, signal);
  const guest = { ...postgres, user: 'guest', password: 's3cr3t' };
  const failure = refusal(await servers.askAs('postgres', guest));
  expect(failure).toEqual({
    code: 'EXTERNAL_LACKS_PRIVILEGE',
    service: 'postgres',
    summary: expect.stringContaining('TEST_POSTGRES_HOST'),
    evidence: ['role guest may not create databases'],
    next: ['Let an administrator grant it: ALTER ROLE "guest" CREATEDB'],
  });
  expect(JSON.stringify(failure)).not.toContain('s3cr3t');
  // The remedy is one.
  await queryPostgres(postgres, 'ALTER ROLE "guest" CREATEDB', signal);
  expect((await servers.askAs('postgres', guest)).offers).toMatchObject([{ provider: 'external' }]);
});

test('each command that a Redis user may not use is named, with what lets it', async () => {
  await using servers = await start('redis');
  const { redis } = endpointsOf(servers.lease.offers);
  if (redis === undefined) throw new Error('redis was not offered');
  const setUser = ['ACL', 'SETUSER', 'guest', 'on', '>s3cr3t', '~*', '+@all', '-acl', '-unlink'];
  await sendRedis(redis, [setUser], signal);
  const guest = { ...redis, username: 'guest', password: 's3cr3t' };
  const failure = refusal(await servers.askAs('redis', guest));
  expect(failure).toEqual({
    code: 'EXTERNAL_LACKS_PRIVILEGE',
    service: 'redis',
    summary: expect.stringContaining('TEST_REDIS_HOST'),
    evidence: ['user guest may not ACL on any key', 'user guest may not UNLINK on any key'],
    next: [
      'Let an administrator grant it: ACL SETUSER guest +acl ~*',
      'Let an administrator grant it: ACL SETUSER guest +unlink ~*',
    ],
  });
  expect(JSON.stringify(failure)).not.toContain('s3cr3t');
  // The remedies are some.
  for (const remedy of failure.next)
    await sendRedis(redis, [remedy.split(': ')[1]?.split(' ') ?? []], signal);
  expect((await servers.askAs('redis', guest)).offers).toMatchObject([{ provider: 'external' }]);
});

test('a Redis user that may use some keys only is told so', async () => {
  await using servers = await start('redis');
  const { redis } = endpointsOf(servers.lease.offers);
  if (redis === undefined) throw new Error('redis was not offered');
  await sendRedis(redis, [['ACL', 'SETUSER', 'guest', 'on', '>s3cr3t', '~mine:*', '+@all']], signal);
  const failure = refusal(await servers.askAs('redis', { ...redis, username: 'guest', password: 's3cr3t' }));
  expect(failure.evidence).toEqual([
    'user guest may not SET on any key',
    'user guest may not UNLINK on any key',
  ]);
});

test('what an account of an object store may not do is named', async () => {
  await using servers = await start('object-store');
  const store = endpointsOf(servers.lease.offers)['object-store'];
  if (store === undefined) throw new Error('the store was not offered');
  makeStoreUser(servers.owner, { user: 'reader', opMask: 'read' });
  const failure = refusal(
    await servers.askAs('object-store', {
      ...store,
      accessKey: 'reader',
      secretKey: 's3cr3t',
    }),
  );
  expect(failure).toEqual({
    code: 'EXTERNAL_LACKS_PRIVILEGE',
    service: 'object-store',
    summary: expect.stringContaining('TEST_S3_ENDPOINT'),
    evidence: ['access key reader may not s3:CreateBucket'],
    next: ['Let an administrator grant it: a policy that allows s3:CreateBucket'],
  });
  expect(JSON.stringify(failure)).not.toContain('s3cr3t');
  makeStoreUser(servers.owner, { user: 'writer', opMask: 'read, write' });
  const keeper = refusal(
    await servers.askAs('object-store', {
      ...store,
      accessKey: 'writer',
      secretKey: 's3cr3t',
    }),
  );
  expect(keeper.evidence).toEqual([
    'access key writer may not s3:DeleteObject',
    expect.stringMatching(/^access key writer may not s3:DeleteBucket; the bucket sqlflow-check-\S+ stays$/),
  ]);
});

test('an object store that lets its account do all is used, and the check leaves nothing in it', async () => {
  await using servers = await start('object-store');
  await using guest = scratchWorkspace();
  const store = endpointsOf(servers.lease.offers)['object-store'];
  if (store === undefined) throw new Error('the store was not offered');
  await using lease = await leaseServices(
    { workspaceRoot: guest.root, services: ['object-store'], holder: 'test' },
    hostWith(toVariables({ 'object-store': store })),
  );
  expect(lease.offers).toMatchObject([{ provider: 'external', endpoint: store }]);
  const { body } = await requestObjectStore(store, 'GET', '/', signal);
  expect(body).toContain('ListAllMyBucketsResult');
  expect(body).not.toContain('<Bucket>');
});

/** An account of the store that may do what its mask says; its secret key is `s3cr3t`. */
function makeStoreUser(owner: ScratchWorkspace, { user, opMask }: { user: string; opMask: string }): void {
  const [folder = ''] = readdirSync(owner.folders.data).filter((name) => name.startsWith('object-store-'));
  const config = join(owner.folders.data, folder, 'attempt-1', 'ceph.conf');
  const document = {
    key: `user:${user}`,
    ver: { tag: user, ver: 1 },
    mtime: '2026-01-01T00:00:00.000000Z',
    data: {
      user_id: user,
      display_name: user,
      email: '',
      suspended: 0,
      max_buckets: 10,
      keys: [{ user, access_key: user, secret_key: 's3cr3t' }],
      op_mask: opMask,
      type: 'rgw',
    },
  };
  const args = ['-n', 'client.admin', '-c', config, 'metadata', 'put', document.key];
  const { status, stderr } = spawnSync('radosgw-admin', args, {
    input: JSON.stringify(document),
    timeout: 30_000,
  });
  if (status !== 0) throw new Error(`radosgw-admin: ${String(stderr)}`);
}
