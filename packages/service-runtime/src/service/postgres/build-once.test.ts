import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deferred } from '../../testing/deferred.js';
import { Scratch } from '../../testing/scratch.js';
import { buildOnce } from './build-once.js';

const builder = (text: string) => (folder: string) => {
  const result = join(folder, 'result');
  mkdirSync(result);
  writeFileSync(join(result, 'text'), text);
  return Promise.resolve(result);
};

describe('a folder that is built once', () => {
  test('is built by the first who needs it, and by nobody afterwards', async () => {
    using scratch = new Scratch();
    const place = scratch.path('cache/deep/thing');
    await buildOnce(place, scratch.host(), builder('first'));
    await buildOnce(place, scratch.host(), () => Promise.reject(new Error('built again')));
    expect(readFileSync(join(place, 'text'), 'utf8')).toBe('first');
    expect(readdirSync(scratch.path('cache/deep'))).toEqual(['thing']);
  });

  test('is not seen before it is whole', async () => {
    using scratch = new Scratch();
    const place = scratch.path('cache/thing');
    const finish = deferred<undefined>();
    const build = buildOnce(place, scratch.host(), async (folder) => {
      const result = await builder('whole')(folder);
      await finish.promise;
      return result;
    });
    expect(existsSync(place)).toBe(false);
    finish.resolve(undefined);
    await build;
    expect(existsSync(place)).toBe(true);
  });

  test('is had by all who build it at once, from the first who is done', async () => {
    using scratch = new Scratch();
    const place = scratch.path('cache/thing');
    const slow = deferred<undefined>();
    const late = buildOnce(place, scratch.host(), async (folder) => {
      await slow.promise;
      return builder('late')(folder);
    });
    await Promise.all(['a', 'b', 'c'].map(() => buildOnce(place, scratch.host(), builder('early'))));
    slow.resolve(undefined);
    await late;
    expect(readFileSync(join(place, 'text'), 'utf8')).toBe('early');
    expect(readdirSync(scratch.path('cache'))).toEqual(['thing']);
  });

  test('leaves nothing when it cannot be built, and can be built the next time', async () => {
    using scratch = new Scratch();
    const place = scratch.path('cache/thing');
    const failing = (folder: string): Promise<string> => {
      writeFileSync(join(folder, 'half'), '');
      return Promise.reject(new Error('no space'));
    };
    await expect(buildOnce(place, scratch.host(), failing)).rejects.toThrow('no space');
    expect(readdirSync(scratch.path('cache'))).toEqual([]);
    await buildOnce(place, scratch.host(), builder('well'));
    expect(existsSync(place)).toBe(true);
  });

  test('sweeps what a killed builder left, and not what a living one builds', async () => {
    using scratch = new Scratch();
    const living = deferred<undefined>();
    const build = buildOnce(scratch.path('cache/slow'), scratch.host(), async (folder) => {
      await living.promise;
      return builder('slow')(folder);
    });
    const [ours] = readdirSync(scratch.path('cache'));
    const deadPid = 'building-999999999-12345-0a1b2c3d';
    const reusedPid = `building-${process.pid}-1-0a1b2c3d`;
    for (const left of [deadPid, reusedPid]) scratch.write(`cache/${left}/half`, '');
    await buildOnce(scratch.path('cache/quick'), scratch.host(), builder('quick'));
    expect(readdirSync(scratch.path('cache')).sort()).toEqual([ours, 'quick'].sort());
    living.resolve(undefined);
    await build;
    expect(readdirSync(scratch.path('cache')).sort()).toEqual(['quick', 'slow']);
  });
});
