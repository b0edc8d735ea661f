import { ServiceFailure } from '../failure/service-failure.js';
import { Scratch } from '../testing/scratch.js';
import { install, type InstallPlan, planInstall } from './install.js';

const never = new AbortController().signal;
/** The text of a service.mjs whose program is brought by these packages. */
const ownService = (packages: Record<string, string[]>): string => `export default {
  standardPort: 11211,
  probe: () => Promise.resolve('memcached'),
  local: {
    program: 'memcached',
    packages: ${JSON.stringify(packages)},
    command: () => ({ args: [] }),
  },
};
`;
const storePackages = ['radosgw', 'ceph-mon', 'ceph-osd', 'python3-rados'];

describe('the plan of an installation', () => {
  test('is empty where nothing is missing', async () => {
    using scratch = new Scratch();
    scratch.writeProgram('bin/redis-server', '');
    expect(await planInstall(scratch.folder, ['redis'], scratch.host())).toEqual({
      missing: [],
      commands: [],
    });
  });

  test('uses apt, without a question, for all that is missing at once', async () => {
    using scratch = new Scratch();
    const apt = scratch.writeProgram('bin/apt-get', '');
    const env = ['env', 'DEBIAN_FRONTEND=noninteractive', apt];
    expect(await planInstall(scratch.folder, ['object-store', 'redis'], scratch.host({ uid: 0 }))).toEqual({
      missing: ['object-store', 'redis'],
      commands: [
        [...env, 'update', '-q'],
        [...env, 'install', '-q', '-y', '--no-install-recommends', ...storePackages, 'redis-server'],
      ],
    });
  });

  test('goes through sudo for an ordinary account', async () => {
    using scratch = new Scratch();
    scratch.writeProgram('bin/apt-get', '');
    const { commands } = await planInstall(scratch.folder, ['redis'], scratch.host({ uid: 1000 }));
    expect(commands.map((command) => command.slice(0, 3))).toEqual([
      ['sudo', 'env', 'DEBIAN_FRONTEND=noninteractive'],
      ['sudo', 'env', 'DEBIAN_FRONTEND=noninteractive'],
    ]);
  });

  test('uses Homebrew, which has no object store', async () => {
    using scratch = new Scratch();
    const brew = scratch.writeProgram('bin/brew', '');
    expect(await planInstall(scratch.folder, ['redis'], scratch.host())).toEqual({
      missing: ['redis'],
      commands: [[brew, 'install', 'redis']],
    });
    expect(await planInstall(scratch.folder, ['object-store'], scratch.host())).toMatchObject({
      missing: ['object-store'],
      commands: [],
      obstacle: expect.stringContaining('Homebrew has no object-store'),
    });
  });

  test('says that nothing here can install', async () => {
    using scratch = new Scratch();
    expect(await planInstall(scratch.folder, ['redis'], scratch.host())).toEqual({
      missing: ['redis'],
      commands: [],
      obstacle: 'neither apt-get nor brew is here',
    });
  });

  test('knows the packages of a service that the workspace defines', async () => {
    using scratch = new Scratch();
    const brew = scratch.writeProgram('bin/brew', '');
    scratch.write('docker/memcached/service.mjs', ownService({ homebrew: ['memcached'] }));
    expect(await planInstall(scratch.folder, ['memcached', 'redis'], scratch.host())).toEqual({
      missing: ['redis', 'memcached'],
      commands: [[brew, 'install', 'redis', 'memcached']],
    });
    scratch.writeProgram('bin/apt-get', '');
    expect(await planInstall(scratch.folder, ['memcached'], scratch.host())).toEqual({
      missing: ['memcached'],
      commands: [],
      obstacle: 'no Debian package is known for memcached',
    });
  });

  test('is empty where Docker was asked for', async () => {
    using scratch = new Scratch();
    scratch.writeProgram('bin/apt-get', '');
    const host = scratch.host({ environment: { SERVICES_PROVIDER: 'docker' } });
    expect(await planInstall(scratch.folder, ['redis'], host)).toEqual({ missing: [], commands: [] });
  });

  test('leaves out a service that the environment names a server for', async () => {
    using scratch = new Scratch();
    const host = scratch.host({ environment: { TEST_MINIO_ENDPOINT: 'localhost:9000' } });
    expect((await planInstall(scratch.folder, ['object-store', 'redis'], host)).missing).toEqual(['redis']);
    const local = scratch.host({ environment: { ...host.environment, SERVICES_PROVIDER: 'local' } });
    expect((await planInstall(scratch.folder, ['object-store', 'redis'], local)).missing).toEqual([
      'object-store',
      'redis',
    ]);
  });
});

describe('an installation', () => {
  const failureOf = async (plan: InstallPlan): Promise<ServiceFailure> => {
    const error: unknown = await install(plan, never).catch((reason: unknown) => reason);
    if (!(error instanceof ServiceFailure)) throw new Error('it did not fail');
    return error;
  };

  test('runs the commands in their order', async () => {
    using scratch = new Scratch();
    const tool = scratch.writeProgram('tool', 'mkdir -p "$1"');
    const commands = [
      [tool, scratch.path('a/b')],
      [tool, scratch.path('a/b/c')],
    ];
    await install({ missing: ['redis'], commands }, never);
    await install({ missing: [], commands: [['/bin/false']] }, never); // nothing is missing
  });

  test('stops at the first command that fails, and says what to type', async () => {
    using scratch = new Scratch();
    const commands = [
      ['sudo', 'env', 'A=b', 'apt-get'],
      ['/bin/mkdir', scratch.path('never')],
    ];
    const tool = scratch.writeProgram('tool', 'exit 3');
    const { code, report } = await failureOf({ missing: ['redis'], commands: [[tool, 'x'], ...commands] });
    expect(code).toBe('INSTALL_FAILED');
    expect(report.evidence).toEqual([`${tool} x ended with exit code 3`]);
    expect(report.next.slice(0, 2)).toEqual([`${tool} x`, 'sudo A=b apt-get']);
  });

  test('runs nothing that it may not', async () => {
    using scratch = new Scratch();
    const commands = [['/bin/mkdir', scratch.path('made')]];
    const { report } = await failureOf({ missing: ['redis'], commands, obstacle: 'no password' });
    expect(report.evidence).toEqual(['no password']);
    await install({ missing: ['redis'], commands }, never); // it was not there
  });
});
