import { dirname } from 'node:path';
import fc from 'fast-check';
import { ServiceFailure } from '../failure/service-failure.js';
import type { Host } from '../host.js';
import { builtInDefinitions } from '../service/built-in-services.js';
import { endpointVariables } from '../service/endpoint-variables.js';
import { redisService } from '../service/redis/redis-service.js';
import type { ServiceDefinition } from '../service/service-definition.js';
import type { Environment } from '../service/variables.js';
import { Scratch } from '../testing/scratch.js';
import {
  type Choice,
  chooseProviders,
  leasedVariable,
  providerChoices,
  startsOf,
} from './choose-provider.js';

const failureOf = (choose: () => unknown): ServiceFailure => {
  try {
    choose();
  } catch (error) {
    if (error instanceof ServiceFailure) return error;
  }
  throw new Error('it did not fail');
};

const external: Environment = { TEST_REDIS_HOST: 'cache.example.org' };

/** A service that has no local programs at all. */
const dockerOnly: ServiceDefinition = {
  name: 'queue',
  standardPort: 7777,
  packages: { debian: [], homebrew: [] },
  probe: () => Promise.resolve('queue 1'),
  endpoint: (address) => address,
};

/** What would be chosen in a workspace of its own, on a machine without any program but those given. */
function setUp(environment: Environment = {}) {
  const scratch = new Scratch();
  const host: Host = scratch.host({ environment });
  return {
    scratch,
    host,
    choose: (definitions: readonly ServiceDefinition[], asked?: string): Choice[] =>
      chooseProviders(definitions, scratch.folder, host, asked),
    writeCompose: (service: string, text = 'services: {}\n') =>
      scratch.write(`docker/${service}/compose.yml`, text),
    [Symbol.dispose]: () => {
      scratch[Symbol.dispose]();
    },
  };
}

const providersOf = (choices: readonly Choice[]): unknown =>
  choices.map(({ definition, provider }) => [definition.name, provider]);

describe('the choice of a provider', () => {
  test('is for each service the server that its variable names, else a local one', () => {
    using world = setUp(external);
    const choices = world.choose(builtInDefinitions);
    expect(providersOf(choices)).toEqual([
      ['postgres', 'local'],
      ['object-store', 'local'],
      ['redis', 'external'],
    ]);
    expect(choices[2]?.external).toEqual({
      endpoint: { host: 'cache.example.org', port: 6379 },
      variable: 'TEST_REDIS_HOST',
    });
    expect(startsOf(choices, world.scratch.folder, {})).toEqual([
      { service: 'postgres', provider: 'local', variables: {} },
      { service: 'object-store', provider: 'local', variables: {} },
    ]);
  });

  test('is local for all when that is asked for, by option or by variable', () => {
    using world = setUp(external);
    using told = setUp({ ...external, SERVICES_PROVIDER: 'local' });
    for (const choices of [world.choose([redisService], 'local'), told.choose([redisService])])
      expect(choices).toEqual([{ definition: redisService, provider: 'local' }]);
  });

  test('takes the option before the variable', () => {
    using world = setUp({ ...external, SERVICES_PROVIDER: 'local' });
    expect(world.choose([redisService], 'external')).toMatchObject([{ provider: 'external' }]);
  });

  test('says which variable named the server, for messages', () => {
    using world = setUp({ TEST_REDIS_URI: 'redis://cache.example.org' });
    expect(world.choose([redisService])[0]?.external?.variable).toBe('TEST_REDIS_URI');
  });

  test('fails when a running server is asked for and not named, and says which variables would name it', () => {
    using world = setUp(external);
    const { code, report } = failureOf(() => world.choose(builtInDefinitions, 'external'));
    expect(code).toBe('EXTERNAL_NOT_CONFIGURED');
    expect(report.service).toBe('postgres');
    expect(report.evidence).toEqual(['TEST_POSTGRES_HOST or TEST_POSTGRES_URI is not set.']);
  });

  test('does not take the variables of another lease for a server that somebody named', () => {
    using world = setUp({ ...external, [leasedVariable]: '1' });
    expect(providersOf(world.choose([redisService]))).toEqual([['redis', 'local']]);
  });

  test('does not look at variables when the services are to be started', () => {
    using world = setUp({ TEST_REDIS_HOST: 'x', TEST_REDIS_PORT: 'bad' });
    world.writeCompose('redis');
    expect(world.choose([redisService], 'local')).toHaveLength(1);
    expect(world.choose([redisService], 'docker')).toHaveLength(1);
  });

  test('takes an empty SERVICES_PROVIDER for none', () => {
    using world = setUp({ SERVICES_PROVIDER: '' });
    expect(world.choose([redisService])).toMatchObject([{ provider: 'local' }]);
  });

  test('refuses another provider, and lists those there are', () => {
    using world = setUp({ SERVICES_PROVIDER: 'podman' });
    const { code, report } = failureOf(() => world.choose([]));
    expect(code).toBe('INVALID_OPTION');
    expect(report.summary).toContain('"podman"');
    expect(report.evidence).toEqual(['Providers: auto, local, docker, external']);
  });

  test('refuses a variable that makes no sense', () => {
    using world = setUp({ ...external, TEST_REDIS_PORT: '70000' });
    const failure = failureOf(() => world.choose([redisService]));
    expect(failure.code).toBe('INVALID_OPTION');
    expect(failure.report.evidence[0]).toContain('TEST_REDIS_PORT');
    expect(failure.cause).toBeInstanceOf(RangeError);
  });

  test('gives one choice for each service, in the order of the question, whatever is set', () => {
    using world = setUp();
    const locating = builtInDefinitions.flatMap(({ name }) => endpointVariables(name).locating);
    const environment = fc.dictionary(
      fc.constantFrom(...locating.filter((name) => !name.endsWith('_URI'))),
      fc.constantFrom('', 'here:9000'),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray([...builtInDefinitions]), environment, (definitions, variables) => {
        const given = { ...variables, TEST_MINIO_ENDPOINT: 'here:9000' };
        const choices = chooseProviders(definitions, world.scratch.folder, {
          ...world.host,
          environment: given,
        });
        expect(choices.map(({ definition }) => definition)).toEqual(definitions);
      }),
    );
    expect(providerChoices).toContain('auto');
  });
});

describe('the choice of Docker', () => {
  test('is made where the programs are not here, and docker and the compose file are', () => {
    using world = setUp();
    world.scratch.writeProgram('bin/docker', '');
    world.writeCompose('redis');
    expect(providersOf(world.choose([redisService]))).toEqual([['redis', 'docker']]);
    world.scratch.writeProgram('bin/redis-server', '');
    expect(providersOf(world.choose([redisService]))).toEqual([['redis', 'local']]); // it is faster
  });

  test('is made with the standalone docker-compose too', () => {
    using world = setUp();
    world.scratch.writeProgram('bin/docker-compose', '');
    world.writeCompose('redis');
    expect(providersOf(world.choose([redisService]))).toEqual([['redis', 'docker']]);
  });

  test('is made with a docker that is on PATH alone, where SERVICES_PATH names the folder of servers', () => {
    using world = setUp();
    const onPath = dirname(world.scratch.writeProgram('path/docker', ''));
    world.writeCompose('redis');
    const host = { ...world.host, environment: { PATH: onPath } };
    expect(providersOf(chooseProviders([redisService], world.scratch.folder, host))).toEqual([
      ['redis', 'docker'],
    ]);
  });

  test('is not made without docker or without a compose file: what is missing locally is said then', () => {
    using world = setUp();
    world.writeCompose('redis');
    expect(providersOf(world.choose([redisService]))).toEqual([['redis', 'local']]);
    using other = setUp();
    other.scratch.writeProgram('bin/docker', '');
    expect(providersOf(other.choose([redisService]))).toEqual([['redis', 'local']]);
  });

  test('is made for what cannot run otherwise, so that it is said what Docker lacks', () => {
    using world = setUp();
    expect(providersOf(world.choose([dockerOnly]))).toEqual([['queue', 'docker']]);
  });

  test('is refused without a compose file, and the file is named', () => {
    using world = setUp();
    const { code, report } = failureOf(() => world.choose([redisService], 'docker'));
    expect(code).toBe('PROVIDER_NOT_AVAILABLE');
    expect(report.service).toBe('redis');
    expect(report.evidence).toEqual([`${world.scratch.path('docker/redis/compose.yml')} is not there`]);
    world.writeCompose('redis');
    expect(providersOf(world.choose([redisService], 'docker'))).toEqual([['redis', 'docker']]);
  });

  test('cannot be avoided for a service without local programs', () => {
    using world = setUp();
    const { code, report } = failureOf(() => world.choose([dockerOnly], 'local'));
    expect(code).toBe('PROVIDER_NOT_AVAILABLE');
    expect(report.service).toBe('queue');
  });

  test('hands on those variables that the compose file asks for; two images are two servers', () => {
    using world = setUp();
    world.writeCompose('redis', 'services:\n  redis:\n    image: ${REDIS_IMAGE:-redis:7}\n');
    const choices = world.choose([redisService], 'docker');
    const environment = { REDIS_IMAGE: 'valkey:8', POSTGRES_IMAGE: 'postgres:17', HOME: '/root' };
    expect(startsOf(choices, world.scratch.folder, environment)).toEqual([
      { service: 'redis', provider: 'docker', variables: { REDIS_IMAGE: 'valkey:8' } },
    ]);
  });

  test('hands on what chooses the engine; two engines are two servers', () => {
    using world = setUp();
    world.writeCompose('redis', 'services:\n  redis:\n    image: redis:7\n');
    const choices = world.choose([redisService], 'docker');
    const variables = { DOCKER_HOST: 'tcp://docker:2376', DOCKER_TLS_VERIFY: '1' };
    const environment = { ...variables, DOCKER_CONTEXT: '', DOCKER_BUILDKIT: '1' };
    expect(startsOf(choices, world.scratch.folder, environment)).toEqual([
      { service: 'redis', provider: 'docker', variables },
    ]);
  });
});
