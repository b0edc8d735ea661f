import { readFileSync } from 'node:fs';
import { systemClock } from '../clock.js';
import { redisService } from '../service/redis/redis-service.js';
import { Scratch } from '../testing/scratch.js';
import { makeControlFolder, runtimeFolders } from '../workspace/runtime-folders.js';
import { ProcessLedger } from './process-ledger.js';
import { starterOf } from './starter.js';

test.each([{ DOCKER_HOST: 'unix:///theirs.sock' }, { DOCKER_CONTEXT: 'theirs' }, {}])(
  'a container is asked of the engine of whoever asks for it, whatever that of the supervisor is: %j',
  async (variables: Readonly<Record<string, string>>) => {
    using scratch = new Scratch();
    // It says that every image is there.
    scratch.writeProgram('bin/docker', `echo "$DOCKER_HOST $DOCKER_CONTEXT" > ${scratch.path('asked')}`);
    scratch.write('workspace/docker/redis/compose.yml', 'services: { redis: { image: a } }');
    const host = scratch.host({ environment: { DOCKER_HOST: 'unix:///ours.sock' } });
    const folders = runtimeFolders(scratch.path('workspace'), host);
    makeControlFolder(folders, host);
    const starter = starterOf(
      { service: 'redis', provider: 'docker', variables },
      {
        folders,
        host,
        clock: systemClock,
        load: () => Promise.resolve(redisService),
        cleared: Promise.resolve(),
      },
      new ProcessLedger(folders),
    );
    await starter.prepare?.(() => undefined, AbortSignal.timeout(10_000));
    const expected = `${variables['DOCKER_HOST'] ?? ''} ${variables['DOCKER_CONTEXT'] ?? ''}\n`;
    expect(readFileSync(scratch.path('asked'), 'utf8')).toBe(expected);
  },
);
