import { Scratch } from '../testing/scratch.js';
import { diagnose } from './diagnose.js';

describe('the diagnosis', () => {
  test('says for each service and provider whether it can be had, which is used, and what to do', async () => {
    using scratch = new Scratch();
    const redis = scratch.writeProgram('bin/redis-server', '');
    const found = await diagnose(scratch.folder, scratch.host());
    expect(found.map(({ service, provider, chosen }) => [service, provider, chosen])).toEqual([
      ['postgres', 'local', true],
      ['postgres', 'docker', false],
      ['postgres', 'external', false],
      ['object-store', 'local', true],
      ['object-store', 'docker', false],
      ['object-store', 'external', false],
      ['redis', 'local', true],
      ['redis', 'docker', false],
      ['redis', 'external', false],
    ]);
    expect(found[3]).toMatchObject({ available: false, next: 'npx nx run services:install' });
    expect(found[4]).toMatchObject({ available: false, detail: expect.stringContaining('compose.yml') });
    expect(found[5]).toMatchObject({ available: false, next: 'export TEST_S3_ENDPOINT=…' });
    expect(found[6]).toMatchObject({ available: true, detail: expect.stringContaining(redis) });
  });

  test('says of a server that was named why it cannot be used, without its password', async () => {
    using scratch = new Scratch();
    const environment = { TEST_REDIS_HOST: '127.0.0.1', TEST_REDIS_PORT: '1', TEST_REDIS_PASSWORD: 's3cr3t' };
    const found = await diagnose(scratch.folder, scratch.host({ environment }));
    const external = found.find(({ service, provider }) => service === 'redis' && provider === 'external');
    expect(external).toMatchObject({
      available: false,
      chosen: true,
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    expect(JSON.stringify(found)).not.toContain('s3cr3t');
  });

  test('knows the services that the workspace defines, and says of a broken one what is wrong', async () => {
    using scratch = new Scratch();
    const program = scratch.writeProgram('bin/queue-server', '');
    const module = (port: number): string =>
      `export default {
        standardPort: ${port},
        probe: () => Promise.resolve('queue 1'),
        local: { program: 'queue-server', command: () => ({ args: [] }) },
      };`;
    scratch.write('docker/queue/service.mjs', module(47_123));
    scratch.write('docker/broken/service.mjs', module(0));
    const found = (await diagnose(scratch.folder, scratch.host())).slice(-4);
    expect(found.map(({ service, provider, available }) => [service, provider, available])).toEqual([
      ['broken', 'local', false],
      ['queue', 'local', true],
      ['queue', 'docker', false],
      ['queue', 'external', false],
    ]);
    expect(found[0]?.detail).toContain('standardPort');
    expect(found[1]?.detail).toContain(program);
    expect(found[3]?.next).toBe('export TEST_QUEUE_HOST=…');
  });

  test('knows which provider SERVICES_PROVIDER makes a run use', async () => {
    using scratch = new Scratch();
    const chosen = async (environment: Record<string, string>): Promise<unknown> =>
      (await diagnose(scratch.folder, scratch.host({ environment })))
        .filter((one) => one.service === 'redis' && one.chosen)
        .map(({ provider }) => provider);
    const named = { TEST_REDIS_HOST: '127.0.0.1', TEST_REDIS_PORT: '1' };
    expect(await chosen({ ...named, SERVICES_PROVIDER: 'local' })).toEqual(['local']);
    expect(await chosen({ SERVICES_PROVIDER: 'external' })).toEqual(['external']);
    await expect(
      diagnose(scratch.folder, scratch.host({ environment: { SERVICES_PROVIDER: 'podman' } })),
    ).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });
});
