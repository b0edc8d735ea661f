import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sweepContainers, systemClock, thisHost } from '../../src/index.js';
import { removeProject } from '../../src/service/docker/project.js';
import { composeFiles, describeDocker, docker, DockerScratch } from './docker-scratch.js';
import { until } from './scratch-workspace.js';

/** How often an owner is killed. */
const kills = 10;
/** Printed on failure, so that the same moments can be tried again: SEED=… */
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** Mulberry32: moments that look random and can be had again. */
function momentsUpTo(maxMs: number, count: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * maxMs;
  });
}

/** The names that its owners wrote down before they made anything. */
function writtenDown(scratch: DockerScratch): string[] {
  const file = join(scratch.folder, 'projects');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}

const signal = AbortSignal.timeout(600_000);

/** Two services: PostgreSQL, which one command starts, and a Redis that needs compose. */
function composeFilesOfTwoKinds(scratch: DockerScratch): string {
  const redis = join(scratch.folder, 'files', 'redis');
  const postgres = join(scratch.folder, 'files', 'postgres');
  for (const folder of [redis, postgres]) mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(postgres, 'compose.yml'),
    readFileSync(join(composeFiles, 'postgres', 'compose.yml'), 'utf8'),
  );
  const image = '${REDIS_IMAGE:-redis:7.2.7-alpine}';
  writeFileSync(
    join(redis, 'compose.yml'),
    `services: { redis: { image: '${image}', volumes: ['kept:/data'] } }\nvolumes: { kept: }\n`,
  );
  return join(scratch.folder, 'files');
}

await describeDocker('an owner that is killed', () => {
  test(`at any of ${String(kills)} moments leaves no container, volume or network (seed ${String(seed)})`, async () => {
    await using scratch = new DockerScratch();
    const files = composeFilesOfTwoKinds(scratch);
    for (const moment of momentsUpTo(4_000, kills)) {
      const before = writtenDown(scratch).length;
      const owner = scratch.startOwner(['postgres', 'redis'], { files });
      // It takes this long to load; after it, everything happens.
      await until(
        () => writtenDown(scratch).length > before,
        20_000,
        () => 'it never began',
      );
      await systemClock.sleep(moment);
      owner.process.kill('SIGKILL');
      await owner.exited;
    }
    await scratch.untilNothingRemains(60_000);
    expect(writtenDown(scratch).length).toBeGreaterThanOrEqual(kills);
  }, 240_000);

  test.each(['by the names that were written down', 'by their labels'])(
    'together with what would clear up after it leaves what the next start removes %s',
    async (way) => {
      await using scratch = new DockerScratch();
      const owner = scratch.startOwner(['postgres', 'redis'], { files: composeFilesOfTwoKinds(scratch) });
      for (let ready = 0; ready < 2;) if ((await owner.next()).startsWith('ready')) ready++;
      // Stopped first: the shells must not get to see the end of it.
      const shells = scratch.processes().filter(({ command }) => command.startsWith('/bin/sh'));
      expect(shells).toHaveLength(2);
      for (const { pid } of shells) process.kill(Number(pid), 'SIGKILL');
      owner.process.kill('SIGKILL');
      await owner.exited;
      await until(
        () => scratch.processes().length === 0,
        10_000,
        () => 'its command lines live on',
      );
      const kinds = scratch.remains().map((line) => line.split(' ')[0]);
      expect(kinds).toEqual(['container', 'container', 'network', 'volume']);
      if (way === 'by their labels') {
        expect(await sweepContainers({ signal })).toHaveLength(2);
      } else {
        for (const name of writtenDown(scratch)) await removeProject(name, thisHost(), signal);
      }
      expect(scratch.remains()).toEqual([]);
    },
  );

  test('takes nothing with it that is not its own', async () => {
    await using scratch = new DockerScratch();
    await using other = new DockerScratch();
    const kept = await other.starter('redis').start(0, signal);
    const owner = scratch.startOwner(['redis']);
    expect(await owner.next()).toMatch(/^ready /);
    owner.process.kill('SIGKILL');
    await owner.exited;
    await scratch.untilNothingRemains();
    expect(docker('inspect', '--format', '{{.State.Status}}', other.projects[0] ?? '')).toEqual(['running']);
    await kept.stop();
  });
});
