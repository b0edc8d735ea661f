import fc from 'fast-check';
import type { Endpoint, Endpoints } from './endpoint.js';
import { endpointVariables, fromVariables, namingVariable, toVariables } from './endpoint-variables.js';
import { builtInServices, type ServiceName } from './service-name.js';
import { type Environment, hostAndPort } from './variables.js';

const host = fc.oneof(fc.domain(), fc.ipV4(), fc.constantFrom('::1', '2001:db8::17', 'fe80::1'));
const port = fc.integer({ min: 1, max: 65_535 });

const postgres = (word: fc.Arbitrary<string>) =>
  fc.record({ host, port, user: word, password: word, database: word });
const redis = (word: fc.Arbitrary<string>) =>
  fc.record({ host, port, username: word, password: word }, { requiredKeys: ['host', 'port'] });
const store = (word: fc.Arbitrary<string>) =>
  fc.record({ host, port, useTls: fc.boolean(), region: word, accessKey: word, secretKey: word });

const any = fc.string();
const endpoints = fc.record(
  {
    postgres: postgres(any),
    'object-store': store(any),
    redis: redis(any),
    'my-cache': fc.record({ host, port }),
  },
  { requiredKeys: [] },
);

const read = (environment: Environment): Endpoints => fromVariables(builtInServices, environment);

describe('the variables of endpoints', () => {
  test('bring back every endpoint as it was', () => {
    fc.assert(
      fc.property(endpoints, (given) => {
        const services = [...builtInServices, 'my-cache'];
        expect(fromVariables(services, toVariables(given as Endpoints))).toEqual(given);
      }),
    );
  });

  test('bring it back from the address alone, too', () => {
    // What an address cannot say is left out: an empty word, and a database that is a step in a path.
    const word = fc.string({ minLength: 1 }).filter((text) => !['.', '..'].includes(text));
    const account = fc.oneof(
      redis(word).filter(({ username, password }) => username === undefined || password !== undefined),
    );
    fc.assert(
      fc.property(postgres(word), account, (database, cache) => {
        const variables = toVariables({ postgres: database, redis: cache });
        const addresses = Object.entries(variables).filter(([name]) => name.endsWith('_URI'));
        expect(addresses).toHaveLength(2);
        expect(read(Object.fromEntries(addresses))).toEqual({ postgres: database, redis: cache });
      }),
    );
  });

  test('are named for S3 and for MinIO, and each alone brings the store back', () => {
    fc.assert(
      fc.property(store(any), (given) => {
        const variables = Object.entries(toVariables({ 'object-store': given }));
        for (const prefix of ['TEST_S3_', 'TEST_MINIO_']) {
          const ours = variables.filter(([name]) => name.startsWith(prefix));
          expect(ours).toHaveLength(5);
          expect(read(Object.fromEntries(ours))).toEqual({ 'object-store': given });
        }
      }),
    );
  });

  test('name nothing when none is set, or only with an empty text', () => {
    expect(read({})).toEqual({});
    const locating = builtInServices.flatMap((service) => endpointVariables(service).locating);
    expect(locating).toHaveLength(6);
    expect(read(Object.fromEntries(locating.map((name) => [name, ''])))).toEqual({});
    expect(read({ TEST_POSTGRES_PORT: '5432', TEST_REDIS_PASSWORD: 'x' })).toEqual({});
  });

  test('are looked at only for the services that are asked for', () => {
    expect(fromVariables(['redis'], { TEST_POSTGRES_HOST: 'db', TEST_POSTGRES_PORT: 'bad' })).toEqual({});
  });

  test('name a server one by one, and the first that does is told', () => {
    expect(namingVariable('redis', { TEST_REDIS_URI: 'redis://here' })).toBe('TEST_REDIS_URI');
    expect(namingVariable('redis', { TEST_REDIS_HOST: '', TEST_REDIS_URI: 'redis://here' })).toBe(
      'TEST_REDIS_URI',
    );
    expect(namingVariable('object-store', { TEST_MINIO_ENDPOINT: 'here' })).toBe('TEST_MINIO_ENDPOINT');
    expect(namingVariable('redis', { TEST_REDIS_PORT: '6379' })).toBeUndefined();
  });

  test('have the defaults of the guide', () => {
    expect(
      read({ TEST_POSTGRES_HOST: 'db', TEST_MINIO_ENDPOINT: 'store:9000', TEST_REDIS_HOST: 'cache' }),
    ).toEqual({
      postgres: { host: 'db', port: 5432, user: 'postgres', password: 'postgres', database: 'postgres' },
      'object-store': {
        host: 'store',
        port: 9000,
        useTls: false,
        region: 'us-east-1',
        accessKey: 'minioadmin',
        secretKey: 'minioadmin',
      },
      redis: { host: 'cache', port: 6379 },
    });
  });

  test.each([
    ['localhost:9000', { host: 'localhost', port: 9000, useTls: false }],
    ['http://localhost:9000/', { host: 'localhost', port: 9000, useTls: false }],
    ['http://store', { host: 'store', port: 80, useTls: false }],
    ['https://s3.example.org', { host: 's3.example.org', port: 443, useTls: true }],
    ['[::1]:9000', { host: '::1', port: 9000, useTls: false }],
    ['https://[2001:db8::1]', { host: '2001:db8::1', port: 443, useTls: true }],
  ])('read an object store at %s', (given, expected) => {
    expect(read({ TEST_MINIO_ENDPOINT: given })['object-store']).toMatchObject(expected);
    expect(read({ TEST_S3_ENDPOINT: given })['object-store']).toMatchObject(expected);
  });

  test('say with TLS in a variable what an address without a scheme leaves open', () => {
    const environment = { TEST_MINIO_ENDPOINT: 's3.example.org', TEST_MINIO_USE_TLS: 'true' };
    expect(read(environment)['object-store']).toMatchObject({ port: 443, useTls: true });
  });

  test.each([
    [
      'postgres://me:p%40ss@db:7001/mine',
      { host: 'db', port: 7001, user: 'me', password: 'p@ss', database: 'mine' },
    ],
    [
      'postgresql://db',
      { host: 'db', port: 5432, user: 'postgres', password: 'postgres', database: 'postgres' },
    ],
    [
      'postgres://me@[::1]/a%2Fb?sslmode=disable',
      { host: '::1', port: 5432, user: 'me', password: 'postgres', database: 'a/b' },
    ],
  ])('read a PostgreSQL at %s', (given, expected) => {
    expect(read({ TEST_POSTGRES_URI: given }).postgres).toEqual(expected);
  });

  test.each([
    ['redis://cache', { host: 'cache', port: 6379 }],
    ['redis://:s3cr3t@cache:7001/0', { host: 'cache', port: 7001, password: 's3cr3t' }],
    ['redis://me:s3cr3t@[::1]/', { host: '::1', port: 6379, username: 'me', password: 's3cr3t' }],
  ])('read a Redis at %s', (given, expected) => {
    expect(read({ TEST_REDIS_URI: given }).redis).toEqual(expected);
  });

  test('complete an address with what it leaves out', () => {
    expect(
      read({ TEST_POSTGRES_URI: 'postgres://db/mine', TEST_POSTGRES_USER: 'me', TEST_POSTGRES_PASSWORD: 'x' })
        .postgres,
    ).toEqual({ host: 'db', port: 5432, user: 'me', password: 'x', database: 'mine' });
  });

  test('may say the same twice, and an empty one says nothing', () => {
    expect(
      read({ TEST_REDIS_URI: 'redis://cache:7001', TEST_REDIS_HOST: 'cache', TEST_REDIS_PORT: '' }).redis,
    ).toEqual({ host: 'cache', port: 7001 });
    expect(read({ TEST_REDIS_URI: '', TEST_REDIS_HOST: 'cache' }).redis).toEqual({
      host: 'cache',
      port: 6379,
    });
    expect(read({ TEST_S3_ENDPOINT: '', TEST_MINIO_ENDPOINT: 'store:9000' })['object-store']).toMatchObject({
      host: 'store',
    });
  });

  test.each([
    [{ TEST_POSTGRES_URI: 'postgres://db', TEST_POSTGRES_HOST: 'other' }, 'TEST_POSTGRES_HOST'],
    [{ TEST_POSTGRES_URI: 'postgres://db:1', TEST_POSTGRES_PORT: '2' }, 'TEST_POSTGRES_PORT'],
    [
      { TEST_POSTGRES_URI: 'postgres://a:s3cr3t@db', TEST_POSTGRES_PASSWORD: 's3cr3t2' },
      'TEST_POSTGRES_PASSWORD',
    ],
    [{ TEST_POSTGRES_URI: 'postgres://db/a', TEST_POSTGRES_DATABASE: 'b' }, 'TEST_POSTGRES_DATABASE'],
    [{ TEST_REDIS_URI: 'redis://:s3cr3t@cache', TEST_REDIS_PASSWORD: 's3cr3t2' }, 'TEST_REDIS_PASSWORD'],
    [{ TEST_S3_ENDPOINT: 'here:9000', TEST_MINIO_ENDPOINT: 'there:9000' }, 'TEST_MINIO_ENDPOINT'],
    [
      { TEST_S3_ENDPOINT: 'here', TEST_S3_SECRET_KEY: 's3cr3t', TEST_MINIO_SECRET_KEY: 's3cr3t2' },
      'TEST_MINIO_SECRET_KEY',
    ],
  ])('refuse to choose between two that differ, and name both without a value: %j', (environment, second) => {
    const differ = new RegExp(`^TEST_\\w+ and ${second} say different things; set one of them$`);
    expect(() => read(environment)).toThrow(RangeError);
    expect(() => read(environment)).toThrow(differ);
  });

  test.each(['0', '65536', '-1', '54.5', 'abc', '5432x', 'NaN'])(
    'refuse port %s and name the variable',
    (bad) => {
      for (const [locating, variable] of [
        ['TEST_POSTGRES_HOST', 'TEST_POSTGRES_PORT'],
        ['TEST_REDIS_HOST', 'TEST_REDIS_PORT'],
      ] as const) {
        expect(() => read({ [locating]: 'here', [variable]: bad })).toThrow(
          new RangeError(`the port in ${variable} is "${bad}"; it must be a whole number from 1 to 65535`),
        );
      }
    },
  );

  test('refuse an address of a store that is none, and name the variable', () => {
    for (const bad of ['localhost:99999', 'localhost:abc', 'ftp://store', ':9000', 'a b:c', '::1:9000']) {
      for (const variable of ['TEST_S3_ENDPOINT', 'TEST_MINIO_ENDPOINT'])
        expect(() => read({ [variable]: bad })).toThrow(new RegExp(variable));
    }
  });

  test.each([
    'db:5432',
    'http://me:s3cr3t@db',
    'postgres://',
    'postgres://me:s3cr3t@db:99999',
    '://me:s3cr3t@db',
    's3cr3t',
    'postgres://me:s3cr3t%@db',
  ])('refuse an address of a PostgreSQL that is none, name the variable, and do not repeat it: %s', (bad) => {
    expect(() => read({ TEST_POSTGRES_URI: bad })).toThrow(/TEST_POSTGRES_URI/);
    expect(() => read({ TEST_POSTGRES_URI: bad })).toThrow(/^(?!.*s3cr3t)/s);
  });

  test('refuse what an address asks for and cannot be had', () => {
    expect(() => read({ TEST_POSTGRES_URI: 'postgres://db?sslmode=require' })).toThrow(
      /TEST_POSTGRES_URI.*TLS/,
    );
    expect(() => read({ TEST_REDIS_URI: 'rediss://cache' })).toThrow(/TEST_REDIS_URI.*redis:\/\//);
    expect(() => read({ TEST_REDIS_URI: 'redis://cache/3' })).toThrow(/TEST_REDIS_URI.*database 3/);
  });

  test('do not repeat an account that somebody put into the address', () => {
    for (const bad of ['http://me:s3cr3t@store:9000', 'me:s3cr3t@store:9000', 'me:s3/cr3t@store']) {
      expect(() => read({ TEST_MINIO_ENDPOINT: bad })).toThrow(/^(?!.*cr3t)/s);
    }
  });
});

describe('the variables of a service that a workspace defines', () => {
  test.each<[ServiceName, Endpoint, Environment]>([
    [
      'memcached',
      { host: 'localhost', port: 11_211 },
      { TEST_MEMCACHED_HOST: 'localhost', TEST_MEMCACHED_PORT: '11211' },
    ],
    ['my-cache-2', { host: '::1', port: 1 }, { TEST_MY_CACHE_2_HOST: '::1', TEST_MY_CACHE_2_PORT: '1' }],
  ])('are its host and its port: %s', (service, endpoint, variables) => {
    expect(toVariables({ [service]: endpoint })).toEqual(variables);
    expect(fromVariables([service], variables)).toEqual({ [service]: endpoint });
  });

  test('need the port, which has no default', () => {
    expect(() => fromVariables(['memcached'], { TEST_MEMCACHED_HOST: 'here' })).toThrow(
      /TEST_MEMCACHED_PORT/,
    );
    expect(fromVariables(['memcached'], { TEST_MEMCACHED_PORT: '1' })).toEqual({});
  });
});

test('an address of IPv6 stands in brackets before its port', () => {
  expect(hostAndPort({ host: '::1', port: 9000 })).toBe('[::1]:9000');
  expect(hostAndPort({ host: 'localhost', port: 9000 })).toBe('localhost:9000');
});
