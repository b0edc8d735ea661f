import { existsSync } from 'node:fs';
import { Scratch } from '../testing/scratch.js';
import { type PrivateServerOptions, startPrivateServer } from './start-private-server.js';

const options = (scratch: Scratch, changes: Partial<PrivateServerOptions> = {}): PrivateServerOptions => ({
  ...{ workspaceRoot: scratch.folder, service: 'redis', holder: 'a test' },
  ...changes,
});

describe('a private server', () => {
  test.each([
    ['dataBytes', { dataBytes: 1024 ** 2 - 1 }, '1048576 to 4294967296'],
    ['dataBytes', { dataBytes: 4 * 1024 ** 3 + 1 }, '1048576 to 4294967296'],
    ['dataBytes', { dataBytes: Number.NaN }, '1048576 to 4294967296'],
    ['maxConnections', { maxConnections: 3 }, '4 to 1000'],
    ['maxConnections', { maxConnections: 1001 }, '4 to 1000'],
    ['maxConnections', { maxConnections: 4.5 }, '4 to 1000'],
  ])('is not started with %s out of range: %j', async (option, changes, range) => {
    using scratch = new Scratch();
    await expect(startPrivateServer(options(scratch, changes), scratch.host())).rejects.toMatchObject({
      report: {
        code: 'INVALID_OPTION',
        summary: `The option ${option} is ${String(Object.values(changes)[0])}; it must be a whole number from ${range}.`,
      },
    });
  });

  test('is not started of a service that somebody else runs: the variable that says so is named', async () => {
    using scratch = new Scratch();
    const host = scratch.host({ environment: { TEST_REDIS_HOST: 'db.example.org' } });
    await expect(startPrivateServer(options(scratch), host)).rejects.toMatchObject({
      report: { code: 'NOT_OURS', service: 'redis', evidence: ['TEST_REDIS_HOST names it'] },
    });
    expect(existsSync(scratch.path('tmp', 'sqlflow-services-0'))).toBe(false);
  });

  test('is not started of a service that there is none of', async () => {
    using scratch = new Scratch();
    const asked = startPrivateServer(options(scratch, { service: 'nothing' }), scratch.host());
    await expect(asked).rejects.toMatchObject({ report: { code: 'UNKNOWN_SERVICE' } });
  });
});
