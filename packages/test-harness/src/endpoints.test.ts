import { areTestsRequired, availabilityOf, redisDatabases, sayUnavailable, sweepAgeMs } from './endpoints.js';

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

describe('the age of leftovers', () => {
  test('is a day, or what the variable says in hours', () => {
    expect(sweepAgeMs({})).toBe(86_400_000);
    expect(sweepAgeMs({ TEST_SWEEP_AFTER_HOURS: '' })).toBe(86_400_000);
    expect(sweepAgeMs({ TEST_SWEEP_AFTER_HOURS: '1.5' })).toBe(5_400_000);
  });

  test.each(['0', '0.5', '-1', '8761', 'Infinity', 'a day', 'NaN'])('cannot be %j', (hours) => {
    expect(() => sweepAgeMs({ TEST_SWEEP_AFTER_HOURS: hours })).toThrow(
      `[invalid-option] TEST_SWEEP_AFTER_HOURS is "${hours}"; it must be a number of hours, 1 to 8760`,
    );
  });
});

describe('the logical databases for tests', () => {
  test('are none, or numbers and ranges', () => {
    expect(redisDatabases({})).toEqual([]);
    expect(redisDatabases({ TEST_REDIS_DATABASES: '3, 8-10,0' })).toEqual([3, 8, 9, 10, 0]);
  });

  test.each(['a', '3-', '-3', '5-3', '1..3', '65536', '3,,4', '1.5'])('cannot be %j', (text) => {
    expect(() => redisDatabases({ TEST_REDIS_DATABASES: text })).toThrow(
      `[invalid-option] TEST_REDIS_DATABASES is "${text}"; it must be numbers and ranges, such as 3,8-15`,
    );
  });
});
