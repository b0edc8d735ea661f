import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceFailure } from '../../src/index.js';
import { readComposeFile } from '../../src/service/docker/compose-file.js';
import { describeDocker, docker, DockerScratch, image } from './docker-scratch.js';
import { fakeRegistry } from './fake-registry.js';

const signal = AbortSignal.timeout(600_000);

/** Prepares Redis from another image. @returns What was said. */
async function prepare(image: string, wanted: AbortSignal = signal): Promise<string[]> {
  await using scratch = new DockerScratch();
  const said: string[] = [];
  await scratch
    .starter('redis', { environment: { REDIS_IMAGE: image } })
    .prepare((message) => said.push(message), wanted);
  return said;
}

function processesWith(argument: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(argument);
    } catch {
      return false; // it has just ended
    }
  });
}

await describeDocker('an image that is not on this machine', () => {
  test('is pulled, and each layer that has come is said', async () => {
    await using registry = await fakeRegistry();
    const image = `${registry.host}/three-layers:1`;
    const said = await prepare(image);
    expect(said[0]).toBe(`pulling ${image}`);
    expect(said.at(-1)).toBe(`pulling ${image}, 3 of 3 layers`);
    expect(await prepare(image)).toEqual([]); // it is there now
    docker('image', 'rm', image);
  });

  test('is pulled no further when nobody wants it any more', async () => {
    await using registry = await fakeRegistry();
    const image = `${registry.host}/stuck:1`;
    const told = new AbortController();
    await using scratch = new DockerScratch();
    const starter = scratch.starter('redis', { environment: { REDIS_IMAGE: image } });
    const preparing = starter.prepare(() => undefined, told.signal);
    preparing.catch(() => undefined); // it is looked at below
    await registry.stuck;
    told.abort(new Error('not wanted'));
    await expect(preparing).rejects.toThrow('not wanted');
    // Its client is gone, and so the engine ends it.
    expect(processesWith(registry.host)).toEqual([]);
    expect(docker('image', 'ls', '-q', image)).toEqual([]);
  });

  test.each([
    ['secret:1', /^Sign in: docker login 127\.0\.0\.1:/],
    ['nothing:1', /no such image or tag/],
  ])('and that the registry does not give, %s, is reported with what helps', async (name, advice) => {
    await using registry = await fakeRegistry();
    const error: unknown = await prepare(`${registry.host}/${name}`).catch((reason: unknown) => reason);
    if (!(error instanceof ServiceFailure)) throw error;
    expect(error.code).toBe('IMAGE_NOT_AVAILABLE');
    expect(error.report.next[0]).toMatch(advice);
  });

  test('and whose registry cannot be reached is reported with how to name a mirror', async () => {
    const error: unknown = await prepare('127.0.0.1:1/redis:7').catch((reason: unknown) => reason);
    if (!(error instanceof ServiceFailure)) throw error;
    expect(error.report.next[0]).toContain('SERVICES_IMAGE_MIRROR=');
  });

  test('is taken from the mirror where there is one', async () => {
    await using registry = await fakeRegistry();
    await using scratch = new DockerScratch();
    const file = scratch.composeFile(
      'services: { redis: { image: "three-layers:1", network_mode: bridge } }',
    );
    const environment = { REDIS_IMAGE: '', SERVICES_IMAGE_MIRROR: `${registry.host}/` };
    const said: string[] = [];
    await scratch.starter('redis', { file, environment }).prepare((message) => said.push(message), signal);
    expect(said[0]).toBe(`pulling ${registry.host}/three-layers:1`);
    docker('image', 'rm', `${registry.host}/three-layers:1`);
  });
});

await describeDocker('an image that is built from a Dockerfile', () => {
  const files = (scratch: DockerScratch, dockerfile: string): string => {
    mkdirSync(join(scratch.folder, 'redis'));
    writeFileSync(join(scratch.folder, 'redis', 'Dockerfile'), dockerfile);
    return scratch.composeFile("services: { redis: { build: ./redis, ports: ['6379:6379'] } }");
  };

  test('is built before the start, which does not wait for it, and each step is said', async () => {
    await using scratch = new DockerScratch();
    const file = files(scratch, `FROM ${image('redis')}\nENV ONE=1\nENV TWO=2\n`);
    const starter = scratch.starter('redis', { file });
    const said: string[] = [];
    await starter.prepare((message) => said.push(message), signal);
    expect(said[0]).toBe('building its image');
    expect(said.at(-1)).toBe('building its image, step 3 of 3');
    rmSync(join(scratch.folder, 'redis'), { recursive: true }); // what is built now cannot be built again
    mkdirSync(join(scratch.folder, 'redis'));
    const { stop } = await starter.start(0, signal);
    await stop();
    const { settings } = readComposeFile(file, 'redis', 6379, {});
    docker('image', 'rm', settings.image ?? '');
  });

  test('and cannot be is reported with what the build said', async () => {
    await using scratch = new DockerScratch();
    const starter = scratch.starter('redis', { file: files(scratch, `FROM ${image('redis')}\nNONSENSE\n`) });
    const error: unknown = await starter.prepare(() => undefined, signal).catch((reason: unknown) => reason);
    if (!(error instanceof ServiceFailure)) throw error;
    expect(error.report).toMatchObject({ code: 'IMAGE_NOT_AVAILABLE', service: 'redis' });
    expect(error.report.evidence.join()).toMatch(/NONSENSE/i);
  });
});
