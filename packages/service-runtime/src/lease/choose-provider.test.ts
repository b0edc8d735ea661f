import fc from 'fast-check';
import { ServiceFailure } from '../failure/service-failure.js';
import { type Environment, locatingVariables } from '../service/endpoint-variables.js';
import { serviceNames } from '../service/service-name.js';
import { chooseProviders, leasedVariable, localOnly, providerChoices } from './choose-provider.js';

const failureOf = (choose: () => unknown): ServiceFailure => {
  try {
    choose();
  } catch (error) {
    if (error instanceof ServiceFailure) return error;
  }
  throw new Error('it did not fail');
};
const external: Environment = { TEST_REDIS_HOST: 'cache.example.org' };

describe('the choice of a provider', () => {
  test('is for each service the server that its variable names, else a local one', () => {
    const choices = chooseProviders(serviceNames, external);
    expect(choices).toEqual([
      { service: 'postgres', provider: 'local' },
      { service: 'object-store', provider: 'local' },
      { service: 'redis', provider: 'external', endpoint: { host: 'cache.example.org', port: 6379 } },
    ]);
    expect(localOnly(choices)).toEqual(['postgres', 'object-store']);
  });

  test('is local for all when that is asked for, by option or by variable', () => {
    for (const choices of [
      chooseProviders(['redis'], external, 'local'),
      chooseProviders(['redis'], { ...external, SERVICES_PROVIDER: 'local' }),
    ])
      expect(choices).toEqual([{ service: 'redis', provider: 'local' }]);
  });

  test('takes the option before the variable', () => {
    const environment = { ...external, SERVICES_PROVIDER: 'local' };
    expect(chooseProviders(['redis'], environment, 'external')).toMatchObject([{ provider: 'external' }]);
  });

  test('fails when a running server is asked for and not named, and says which variable would name it', () => {
    const { code, report } = failureOf(() => chooseProviders(['redis', 'postgres'], external, 'external'));
    expect(code).toBe('EXTERNAL_NOT_CONFIGURED');
    expect(report.service).toBe('postgres');
    expect(report.evidence).toEqual(['TEST_POSTGRES_HOST is not set.']);
  });

  test('does not take the variables of another lease for a server that somebody named', () => {
    expect(chooseProviders(['redis'], { ...external, [leasedVariable]: '1' })).toEqual([
      { service: 'redis', provider: 'local' },
    ]);
  });

  test('does not look at variables when the services are to be local', () => {
    expect(
      chooseProviders(['redis'], { TEST_REDIS_HOST: 'x', TEST_REDIS_PORT: 'bad' }, 'local'),
    ).toHaveLength(1);
  });

  test('takes an empty SERVICES_PROVIDER for none', () => {
    expect(chooseProviders(['redis'], { SERVICES_PROVIDER: '' })).toMatchObject([{ provider: 'local' }]);
  });

  test('refuses another provider, and lists those there are', () => {
    const { code, report } = failureOf(() => chooseProviders([], { SERVICES_PROVIDER: 'docker' }));
    expect(code).toBe('INVALID_OPTION');
    expect(report.summary).toContain('"docker"');
    expect(report.evidence).toEqual(['Providers: auto, local, external']);
  });

  test('refuses a variable that makes no sense', () => {
    const failure = failureOf(() => chooseProviders(['redis'], { ...external, TEST_REDIS_PORT: '70000' }));
    expect(failure.code).toBe('INVALID_OPTION');
    expect(failure.report.evidence[0]).toContain('TEST_REDIS_PORT');
    expect(failure.cause).toBeInstanceOf(RangeError);
  });

  test('gives one choice for each service, in the order of the question, whatever is set', () => {
    const environment = fc.dictionary(
      fc.constantFrom(...Object.values(locatingVariables)),
      fc.constantFrom('', 'here:9000', 'here'),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray([...serviceNames]), environment, (services, variables) => {
        const given = { ...variables, TEST_MINIO_ENDPOINT: 'here:9000' };
        expect(chooseProviders(services, given).map(({ service }) => service)).toEqual(services);
      }),
    );
    expect(providerChoices).toContain('auto');
  });
});
