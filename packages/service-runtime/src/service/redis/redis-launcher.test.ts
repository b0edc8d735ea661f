import { readFileSync } from 'node:fs';
import { systemClock } from '../../clock.js';
import { ServiceFailure } from '../../failure/service-failure.js';
import { Scratch } from '../../testing/scratch.js';
import { missingBinary } from '../launch-failure.js';
import type { LaunchContext } from '../running-service.js';
import { redisLauncher } from './redis-launcher.js';

const context = (scratch: Scratch): LaunchContext => ({
  host: scratch.host(),
  clock: systemClock,
  dataFolder: scratch.makeFolder('data'),
  logFile: scratch.write('redis.log', ''),
  port: 0,
  signal: new AbortController().signal,
  record: () => undefined,
});

describe('the launch of Redis', () => {
  test('keeps it on loopback and off the disk, and says how it ended', async () => {
    using scratch = new Scratch();
    scratch.writeProgram(
      'bin/redis-server',
      `echo "$*" > ${scratch.path('called')}; echo "no memory"; exit 1`,
    );
    const failure: unknown = await redisLauncher.launch(context(scratch)).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      report: { code: 'SERVICE_DIED', evidence: ['exit code 1', 'no memory'] },
    });
    expect(readFileSync(scratch.path('called'), 'utf8')).toMatch(
      /^--port \d+ --bind 127\.0\.0\.1 --dir \S+ --save {2}--appendonly no /,
    );
  });

  test('has a private one write down all that it acknowledges, and limits its clients', async () => {
    using scratch = new Scratch();
    scratch.writeProgram('bin/redis-server', `echo "$*" > ${scratch.path('called')}; exit 1`);
    const dataFolder = scratch.path('data');
    const own = { isRestart: false, maxConnections: 7, roomyFolder: undefined, seenFromOutside: dataFolder };
    await redisLauncher.launch({ ...context(scratch), private: own }).catch(() => undefined);
    const called = readFileSync(scratch.path('called'), 'utf8');
    expect(called).toContain('--appendonly yes --appendfsync no');
    expect(called).toContain('--maxclients 7');
  });

  test('says what is missing, and how to get it', async () => {
    using scratch = new Scratch();
    const host = scratch.host();
    expect(() => redisLauncher.locate(host)).toThrow(ServiceFailure);
    expect(() => redisLauncher.locate(host)).toThrow('[BINARY_MISSING] redis-server is not installed');
    expect(missingBinary('redis', 'redis-server').report.next[0]).toBe('npx nx run services:install');
  });
});
