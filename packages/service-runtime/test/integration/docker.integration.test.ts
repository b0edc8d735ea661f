import { connect, createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';
import { ServiceFailure, thisHost } from '../../src/index.js';
import { readComposeFile } from '../../src/service/docker/compose-file.js';
import { findDocker } from '../../src/service/docker/find-docker.js';
import { removeOrphans, removeProject } from '../../src/service/docker/project.js';
import { composeVariables } from '../../src/workspace/compose-variables.js';
import {
  composeFiles,
  composeServices,
  describeDocker,
  docker,
  DockerScratch,
  type DockerServiceName,
  image,
} from './docker-scratch.js';

const services = Object.keys(composeServices) as DockerServiceName[];
const signal = AbortSignal.timeout(600_000);
const quiet = (): void => undefined;

/** The report of the failure that a promise rejects with. */
async function reportOf(failing: Promise<unknown>): Promise<ServiceFailure['report']> {
  const error = await failing.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof ServiceFailure) return error.report;
  throw error;
}

async function listenOn(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

await describeDocker('a service from Docker', () => {
  test.each(services)('%s starts, answers, and is gone when it is stopped', async (name) => {
    await using scratch = new DockerScratch();
    const starter = scratch.starter(name);
    await starter.prepare(quiet, signal);
    const { offer, stop, ended } = await starter.start(0, signal);
    expect(offer).toMatchObject({ service: name, provider: 'docker' });
    expect(await composeServices[name].probe(offer.endpoint as never, signal)).toBe(offer.version);
    const [container = ''] = docker(
      'ps',
      '-q',
      '--filter',
      `label=sqlflow.services.project=${scratch.projects[0]}`,
    );
    const [published] = docker('port', container);
    expect(published).toContain(`127.0.0.1:${String(offer.endpoint.port)}`);
    await stop();
    await ended;
    await scratch.untilNothingRemains(5_000);
  });

  test('the standard port is taken where it is free, and the one that is asked for', async () => {
    await using scratch = new DockerScratch();
    const free = createServer();
    const port = await listenOn(free, 0, '127.0.0.1');
    await new Promise((resolve) => free.close(resolve));
    const preferring = scratch.starter('redis', { environment: { REDIS_PORT: String(port) } });
    const first = await preferring.start(undefined, signal);
    expect(first.offer.endpoint.port).toBe(port);
    const second = await preferring.start(undefined, signal);
    expect(second.offer.endpoint.port).not.toBe(port);
    await first.stop();
    const third = await scratch.starter('redis').start(port, signal);
    expect(third.offer.endpoint.port).toBe(port);
    await Promise.all([second.stop(), third.stop()]);
  });

  test('a port that is asked for and taken is said to be, with who has it', async () => {
    await using scratch = new DockerScratch();
    const stranger = createServer();
    const port = await listenOn(stranger, 0, '127.0.0.1');
    const report = await reportOf(scratch.starter('redis').start(port, signal));
    stranger.close();
    expect(report).toMatchObject({ code: 'PORT_TAKEN', service: 'redis' });
    expect(report.evidence.join()).toContain(`process ${String(process.pid)}`);
    expect(scratch.remains()).toEqual([]);
  });

  test('a port that the engine refuses after all is tried once more on another', async () => {
    await using scratch = new DockerScratch();
    // The first `run` finds its port taken by a container that was quicker.
    const wrapper = `#!/bin/sh
case "$1" in
  run)
    if mkdir ${scratch.folder}/first 2>/dev/null; then
      for word; do case "$last" in --publish) published=$word ;; esac; last=$word; done
      echo "$published" > ${scratch.folder}/refused
      ${realDocker()} run -d --label sqlflow.services.workspace=${scratch.key} -p "$published" ${image('redis')} redis-server > /dev/null
    fi ;;
esac
exec ${realDocker()} "$@"
`;
    writeFileSync(join(scratch.folder, 'docker'), wrapper);
    chmodSync(join(scratch.folder, 'docker'), 0o755);
    const host = { programFolders: [scratch.folder, '/usr/bin', '/bin'] };
    const { offer, stop } = await scratch.starter('redis', { host }).start(undefined, signal);
    const refused = readFileSync(join(scratch.folder, 'refused'), 'utf8');
    expect(refused).not.toContain(`:${String(offer.endpoint.port)}:`);
    expect(scratch.projects).toHaveLength(2);
    await stop();
  });

  test('a container that ends while it starts is said to, with exit code and log', async () => {
    await using scratch = new DockerScratch();
    const file = scratch.composeFile(`
services:
  redis: { image: ${image('redis')}, network_mode: bridge, command: [sh, -c, 'echo no room here; exit 7'] }`);
    const report = await reportOf(scratch.starter('redis', { file }).start(0, signal));
    expect(report.code).toBe('SERVICE_DIED');
    expect(report.evidence).toEqual(['exit code 7', 'no room here']);
    expect(scratch.remains()).toEqual([]);
  });

  test('a container that ends later is noticed', async () => {
    await using scratch = new DockerScratch();
    const { ended, stop } = await scratch.starter('redis').start(0, signal);
    docker('kill', scratch.projects[0] ?? '');
    expect(await ended).toBe('exit code 137');
    await stop();
    expect(scratch.remains()).toEqual([]);
  });

  test('a program that the image does not have is said to be missing', async () => {
    await using scratch = new DockerScratch();
    const file = scratch.composeFile(`
services:
  redis: { image: ${image('redis')}, network_mode: bridge, command: [no-such-program] }`);
    const report = await reportOf(scratch.starter('redis', { file }).start(0, signal));
    expect(report).toMatchObject({ code: 'SERVICE_DIED' });
    expect(report.evidence.join()).toContain('no-such-program');
  });

  test('an image that is not there and cannot be pulled is named, with the command to pull it', async () => {
    await using scratch = new DockerScratch();
    const environment = { REDIS_IMAGE: 'localhost:1/none:1' };
    const starter = scratch.starter('redis', { environment });
    for (const failing of [starter.prepare(quiet, signal), starter.start(0, signal)]) {
      const report = await reportOf(failing);
      expect(report.code).toBe('IMAGE_NOT_AVAILABLE');
      expect(report.next).toContain('Try by hand: docker pull localhost:1/none:1');
    }
    expect(scratch.remains()).toEqual([]);
  });

  test('an engine that is not running is said not to be', async () => {
    await using scratch = new DockerScratch();
    const host = { environment: { ...process.env, DOCKER_HOST: `unix://${scratch.folder}/dead.sock` } };
    const starter = scratch.starter('redis', { host });
    for (const failing of [starter.prepare(quiet, signal), starter.start(0, signal)]) {
      expect(await reportOf(failing)).toMatchObject({
        code: 'DOCKER_NOT_AVAILABLE',
        summary: 'No Docker engine is running.',
      });
    }
  });

  test('an engine of another machine publishes where it can be reached', async () => {
    const [address] = Object.values(networkInterfaces())
      .flat()
      .flatMap((found) => (found?.family === 'IPv4' && !found.internal ? [found.address] : []));
    if (address === undefined) throw new Error('this machine has no address of its own');
    await using scratch = new DockerScratch();
    // Passes everything on to the engine's socket, as an engine that listens on TCP would take it.
    const sockets = new Set<Socket>();
    const relay = createServer({ allowHalfOpen: true }, (near) => {
      const far = connect({ path: '/var/run/docker.sock', allowHalfOpen: true });
      for (const socket of [near, far]) sockets.add(socket).add(socket.on('error', quiet));
      near.pipe(far).pipe(near);
    });
    const port = await listenOn(relay, 0, address);
    const host = { environment: { ...process.env, DOCKER_HOST: `tcp://${address}:${String(port)}` } };
    const { offer, stop } = await scratch.starter('redis', { host }).start(0, signal);
    expect(offer.endpoint.host).toBe(address);
    await stop();
    for (const socket of sockets) socket.destroy();
    relay.close();
    expect(scratch.remains()).toEqual([]);
  });

  test('a start that is given up at any moment leaves nothing', async () => {
    await using scratch = new DockerScratch();
    for (const moment of [0, 20, 60, 120, 250, 400, 700]) {
      const wanted = AbortSignal.timeout(moment);
      const starting = scratch.starter('postgres').start(0, wanted);
      await starting.then(
        (started) => started.stop(),
        (error: unknown) => expect(error instanceof ServiceFailure || error === wanted.reason).toBe(true),
      );
      expect(scratch.remains()).toEqual([]);
    }
  });

  test("what is not ours is never touched, even under one of our projects' names", async () => {
    await using scratch = new DockerScratch();
    const started = await scratch.starter('redis').start(0, signal);
    const [project = ''] = scratch.projects;
    const foreign = docker(
      ...['run', '-d', '--name', `${project}-foreign`],
      ...[
        '--label',
        `com.docker.compose.project=${project}`,
        '--label',
        `sqlflow.services.workspace=${scratch.key}`,
      ],
      ...[image('redis'), 'redis-server'],
    );
    await removeProject(project, thisHost(), signal);
    await started.ended;
    await removeOrphans(thisHost(), signal);
    expect(docker('inspect', '--format', '{{.State.Status}}', ...foreign)).toEqual(['running']);
    await started.stop();
  });

  test('a service that runs is no orphan while its owner lives', async () => {
    await using scratch = new DockerScratch();
    const { offer, stop } = await scratch.starter('redis').start(0, signal);
    await removeOrphans(thisHost(), signal);
    expect(await composeServices.redis.probe(offer.endpoint, signal)).toBe(offer.version);
    await stop();
  });

  test('credentials are in no argument of a process', async () => {
    await using scratch = new DockerScratch();
    const file = scratch.composeFile(`
services:
  postgres:
    image: ${image('postgres')}
    network_mode: bridge
    tmpfs: [/var/lib/postgresql/data]
    environment: { POSTGRES_PASSWORD: 'a $$ecret' }`);
    const { offer, stop } = await scratch.starter('postgres', { file }).start(0, signal);
    expect(offer.endpoint).toMatchObject({ user: 'postgres', password: 'a $ecret', database: 'postgres' });
    expect(scratch.processes().filter(({ command }) => command.includes('$ecret'))).toEqual([]);
    await stop();
  });
});

await describeDocker('a service that only compose can start', () => {
  const several = (scratch: DockerScratch): string =>
    scratch.composeFile(`
services:
  redis:
    image: ${image('redis')}
    command: redis-server --save "" --databases 8
    depends_on: [helper]
    volumes: ['kept:/data']
    ports: ['6379:6379']
  helper:
    image: ${image('redis')}
    command: [sleep, '600']
volumes:
  kept:
`);

  test('starts with what it depends on, and takes network and volume with it', async () => {
    await using scratch = new DockerScratch();
    const { offer, stop } = await scratch.starter('redis', { file: several(scratch) }).start(0, signal);
    expect(await composeServices.redis.probe(offer.endpoint, signal)).toBe(offer.version);
    const kinds = scratch.remains().map((line) => line.split(' ')[0]);
    expect(kinds.filter((kind) => kind !== 'process')).toEqual([
      'container',
      'container',
      'network',
      'volume',
    ]);
    await stop();
    await scratch.untilNothingRemains(5_000);
  });

  test('is said to have failed with what compose said', async () => {
    await using scratch = new DockerScratch();
    const file = scratch.composeFile(`services: { redis: { image: ${image('redis')}, no_such_setting: 1 } }`);
    const report = await reportOf(scratch.starter('redis', { file }).start(0, signal));
    expect(report.code).toBe('SERVICE_DIED');
    expect(report.evidence.join('\n')).toContain('no_such_setting');
    expect(scratch.remains()).toEqual([]);
  });

  test('leaves nothing when its start is given up', async () => {
    await using scratch = new DockerScratch();
    const file = several(scratch);
    for (const moment of [400, 1_200, 2_000]) {
      const starting = scratch.starter('redis', { file }).start(0, AbortSignal.timeout(moment));
      await starting.then(
        (started) => started.stop(),
        () => undefined,
      );
      expect(scratch.remains()).toEqual([]);
    }
  });

  test.each(services)('of %s, compose reads the same from our file as we do', async (name) => {
    const { compose } = await findDocker(thisHost(), signal);
    if (compose === undefined) throw new Error('there is no compose here');
    const file = join(composeFiles, name, 'compose.yml');
    for (const environment of [{}, { POSTGRES_IMAGE: 'a:1', REDIS_IMAGE: 'b:1', OBJECT_STORE_IMAGE: '' }]) {
      const text = execFileSync(compose.file, [...compose.args, '-f', file, 'config'], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
      });
      const read = (parse(text) as { services: Record<string, Record<string, unknown>> }).services[name];
      const plan = readComposeFile(file, name, composeServices[name].standardPort, environment);
      expect(plan.settings.image).toBe(read?.['image']);
      expect(plan.settings.command).toEqual(read?.['command']);
      expect(plan.environment).toEqual(read?.['environment'] ?? {});
    }
  });
});

await describeDocker('what the environment gives to a compose file', () => {
  const text = `
services:
  redis:
    image: \${NAME:-none}:\${TAG-1}
    command: [serve, '\$QUOTED', '\$\$TAG']
    environment: [GIVEN, EMPTY, WRITTEN, UNSET, PLAIN=1, NOTHING=, 'MIXED=\${EXPANDED}']
`;
  const written = `NAME=from-file
TAG=from-file
WRITTEN="two words" # and a comment
EMPTY=not this
QUOTED='$NAME'
EXPANDED=\${NAME}-\${GIVEN}
`;

  test('and the file .env beside it, is what compose would take', async () => {
    const { compose } = await findDocker(thisHost(), signal);
    if (compose === undefined) throw new Error('there is no compose here');
    await using scratch = new DockerScratch();
    const file = scratch.composeFile(text);
    writeFileSync(join(scratch.folder, '.env'), written);
    const environment = { TAG: 'outer', GIVEN: 'given', EMPTY: '' };
    const config = execFileSync(compose.file, [...compose.args, '-f', file, 'config'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    });
    const read = (parse(config) as { services: { redis: Record<string, unknown> } }).services.redis;
    const plan = readComposeFile(file, 'redis', 6379, composeVariables(file, environment));
    expect(plan.settings.image).toBe(read['image']);
    expect(plan.settings.image).toBe('from-file:outer');
    expect(plan.environment).toEqual({
      ...{ GIVEN: 'given', EMPTY: '', WRITTEN: 'two words', PLAIN: '1', NOTHING: '' },
      MIXED: 'from-file-given',
    });
    // Version 1 leaves a name that nothing is known of as it is, and sets it for no container.
    const known = Object.entries(read['environment'] as object).filter(([, value]) => value !== null);
    expect(plan.environment).toEqual(Object.fromEntries(known));
  });

  test('is in no argument of a process here, also where it is part of the command', async () => {
    await using scratch = new DockerScratch();
    const file = scratch.composeFile(`
services:
  redis:
    image: ${image('redis')}
    network_mode: bridge
    ports: ['6379:6379']
    command: [redis-server, --save, '', --proc-title-template, 'redis', --masterauth, '\${SECRET}']`);
    const environment = { SECRET: 'pa55word' };
    const { stop } = await scratch.starter('redis', { file, environment }).start(0, signal);
    const ours = scratch.processes().map(({ command }) => command);
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.join()).not.toContain('pa55word');
    const [container = ''] = docker(
      'ps',
      '-q',
      '--filter',
      `label=sqlflow.services.workspace=${scratch.key}`,
    );
    const [inside] = docker('inspect', '--format', '{{json .Args}}', container);
    expect(inside).toContain('pa55word');
    await stop();
    expect(scratch.remains()).toEqual([]);
  });
});

await describeDocker('an account that is not root', () => {
  const nobody = 65_534;

  test('uses Docker if it is in the group of the socket', async () => {
    await using scratch = new DockerScratch();
    chownSync(join(scratch.folder, 'data'), nobody, nobody);
    const { gid } = statSync('/var/run/docker.sock');
    const owner = scratch.startOwner(['redis'], { uid: nobody, gid });
    expect(await owner.next()).toMatch(/^ready /);
    owner.process.stdin?.end();
    await owner.exited;
    await scratch.untilNothingRemains(5_000);
  });

  test('is told how to join the group if it is not', async () => {
    await using scratch = new DockerScratch();
    chownSync(join(scratch.folder, 'data'), nobody, nobody);
    const owner = scratch.startOwner(['redis'], { uid: nobody, gid: nobody });
    const line = await owner.next();
    expect(line).toContain('DOCKER_NOT_AVAILABLE');
    expect(line).toContain('usermod -aG docker');
    await owner.exited;
  });
});

function realDocker(): string {
  return execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim();
}
