import type { ServiceOffer } from '@sqlflow/service-runtime';
import { variablesForTests } from './lease-for-jest.js';

const redis: ServiceOffer = {
  service: 'redis',
  provider: 'docker',
  endpoint: { host: '127.0.0.1', port: 7001 },
  version: 'Redis 7',
};
const failure = {
  code: 'IMAGE_NOT_AVAILABLE',
  service: 'postgres',
  summary: 'No image.',
  evidence: [],
  next: [],
} as const;

describe('the variables that tests get', () => {
  test('lead to what was leased, with nothing left of another server', () => {
    const variables = variablesForTests(['redis'], { offers: [redis], failures: [] });
    expect(variables).toMatchObject({
      TEST_REDIS_PORT: '7001',
      TEST_REDIS_DATABASES: '0-63',
      TEST_SERVICES_LEASED: '1',
    });
    for (const name of ['TEST_REDIS_USERNAME', 'TEST_REDIS_PASSWORD']) {
      expect(variables).toHaveProperty(name, undefined);
    }
  });

  test('lead nowhere for what was not had, though a variable names a server', () => {
    const variables = variablesForTests(['postgres'], { offers: [], failures: [failure] });
    for (const name of ['TEST_POSTGRES_HOST', 'TEST_POSTGRES_URI', 'TEST_POSTGRES_PASSWORD']) {
      expect(variables).toHaveProperty(name, undefined);
    }
    expect(variables['TEST_SERVICES_UNAVAILABLE']).toBe('{"postgres":"No image. [IMAGE_NOT_AVAILABLE]"}');
  });

  test('do not call a server ours that is somebody else’s', () => {
    const offers = [{ ...redis, provider: 'external' as const }];
    const variables = variablesForTests(['redis'], { offers, failures: [] });
    expect(variables).toHaveProperty('TEST_SERVICES_LEASED', undefined);
    // What its owner has said of its databases stays as it is.
    expect(variables).not.toHaveProperty('TEST_REDIS_DATABASES');
  });
});
