import { areTestsRequired, availabilityOf, sayUnavailable } from './endpoints.js';

describe('the availability of a service', () => {
  test('is its endpoint where the environment names one', () => {
    const environment = { TEST_REDIS_HOST: 'localhost', TEST_REDIS_PORT: '6380' };
    expect(availabilityOf('redis', environment)).toEqual({ endpoint: { host: 'localhost', port: 6380 } });
  });

  test('is the missing variable and what to do, where nothing says more', () => {
    expect(availabilityOf('object-store', {})).toEqual({
      unavailable: 'TEST_S3_ENDPOINT is not set',
      remedy: 'run through `nx run <project>:integration` or use the Jest preset',
    });
  });

  test('is the reason that the global set-up has left', () => {
    const environment = { TEST_SERVICES_UNAVAILABLE: '{"redis":"redis-server is not installed"}' };
    expect(availabilityOf('redis', environment)).toEqual({ unavailable: 'redis-server is not installed' });
    expect(availabilityOf('postgres', environment)).toMatchObject({
      unavailable: expect.stringContaining('TEST_POSTGRES_HOST') as string,
    });
  });

  test('is the endpoint even if a reason is left from another run', () => {
    const environment = { TEST_REDIS_HOST: 'localhost', TEST_SERVICES_UNAVAILABLE: '{"redis":"gone"}' };
    expect(availabilityOf('redis', environment)).toMatchObject({ endpoint: { host: 'localhost' } });
  });

  test.each(['{', '[]', '"redis"', 'null'])('is refused when the reasons are %j', (text) => {
    expect(() => availabilityOf('redis', { TEST_SERVICES_UNAVAILABLE: text })).toThrow(
      '[invalid-option] TEST_SERVICES_UNAVAILABLE must be a JSON object',
    );
  });

  test('is refused when a port is none', () => {
    const environment = { TEST_POSTGRES_HOST: 'localhost', TEST_POSTGRES_PORT: '70000' };
    expect(() => availabilityOf('postgres', environment)).toThrow(
      /^\[invalid-option\].*TEST_POSTGRES_PORT.*70000/,
    );
  });
});

test('what to do about missing services is said once', () => {
  const missing = (['postgres', 'redis'] as const).map((service) => {
    const remedy = 'use the Jest preset';
    return [service, { unavailable: `no ${service}`, remedy }] as const;
  });
  expect(sayUnavailable(missing)).toBe(
    'postgres is not to be had: no postgres; redis is not to be had: no redis; use the Jest preset',
  );
});

describe('tests are', () => {
  test.each([{ CI: 'true' }, { CI: '1' }, { CI: 'woodpecker' }, { INTEGRATION_TESTS: 'true' }])(
    'required with %j',
    (environment) => {
      expect(areTestsRequired(environment)).toBe(true);
    },
  );

  test.each([{}, { CI: '' }, { CI: 'false' }, { CI: 'False' }, { CI: '0' }, { INTEGRATION_TESTS: '1' }])(
    'not required with %j',
    (environment) => {
      expect(areTestsRequired(environment)).toBe(false);
    },
  );
});
