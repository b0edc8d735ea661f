import fc from 'fast-check';
import type { Endpoints } from './endpoint.js';
import { fromVariables, hostAndPort, toVariables } from './endpoint-variables.js';

const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
const port = fc.integer({ min: 1, max: 65_535 });
const word = fc.string();

const endpoints: fc.Arbitrary<Partial<Endpoints>> = fc.record(
  {
    postgres: fc.record({ host, port, user: word, password: word, database: word }),
    'object-store': fc.record({
      host,
      port,
      useTls: fc.boolean(),
      region: word,
      accessKey: word,
      secretKey: word,
    }),
    redis: fc.record({ host, port, username: word, password: word }, { requiredKeys: ['host', 'port'] }),
  },
  { requiredKeys: [] },
);

describe('the variables of endpoints', () => {
  test('bring back every endpoint as it was', () => {
    fc.assert(
      fc.property(endpoints, (given) => {
        expect(fromVariables(toVariables(given))).toEqual(given);
      }),
    );
  });

  test('name nothing when none is set, or only with an empty text', () => {
    expect(fromVariables({})).toEqual({});
    expect(fromVariables({ TEST_POSTGRES_HOST: '', TEST_MINIO_ENDPOINT: '', TEST_REDIS_HOST: '' })).toEqual(
      {},
    );
    expect(fromVariables({ TEST_POSTGRES_PORT: '5432', TEST_REDIS_PASSWORD: 'x' })).toEqual({});
  });

  test('have the defaults of the guide', () => {
    expect(
      fromVariables({
        TEST_POSTGRES_HOST: 'db',
        TEST_MINIO_ENDPOINT: 'store:9000',
        TEST_REDIS_HOST: 'cache',
      }),
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
    expect(fromVariables({ TEST_MINIO_ENDPOINT: given })['object-store']).toMatchObject(expected);
  });

  test('say with TLS in a variable what an address without a scheme leaves open', () => {
    const environment = { TEST_MINIO_ENDPOINT: 's3.example.org', TEST_MINIO_USE_TLS: 'true' };
    expect(fromVariables(environment)['object-store']).toMatchObject({ port: 443, useTls: true });
  });

  test.each(['0', '65536', '-1', '54.5', 'abc', '5432x', 'NaN'])(
    'refuse port %s and name the variable',
    (bad) => {
      for (const [locating, variable] of [
        ['TEST_POSTGRES_HOST', 'TEST_POSTGRES_PORT'],
        ['TEST_REDIS_HOST', 'TEST_REDIS_PORT'],
      ] as const) {
        expect(() => fromVariables({ [locating]: 'here', [variable]: bad })).toThrow(
          new RangeError(`the port in ${variable} is "${bad}"; it must be a whole number from 1 to 65535`),
        );
      }
    },
  );

  test('refuse an address of a store that is none, and name the variable', () => {
    for (const bad of ['localhost:99999', 'localhost:abc', 'ftp://store', ':9000', 'a b:c', '::1:9000']) {
      expect(() => fromVariables({ TEST_MINIO_ENDPOINT: bad })).toThrow(/TEST_MINIO_ENDPOINT/);
    }
  });

  test('do not repeat an account that somebody put into the address', () => {
    for (const bad of ['http://me:s3cr3t@store:9000', 'me:s3cr3t@store:9000', 'me:s3/cr3t@store']) {
      expect(() => fromVariables({ TEST_MINIO_ENDPOINT: bad })).toThrow(/^(?!.*cr3t)/s);
    }
  });
});

test('an address of IPv6 stands in brackets before its port', () => {
  expect(hostAndPort({ host: '::1', port: 9000 })).toBe('[::1]:9000');
  expect(hostAndPort({ host: 'localhost', port: 9000 })).toBe('localhost:9000');
});
