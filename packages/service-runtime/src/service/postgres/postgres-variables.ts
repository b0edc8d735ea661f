import type { PostgresEndpoint } from '../endpoint.js';
import { addressFrom, agreed, type EndpointVariables, hostAndPort, portFrom } from '../variables.js';

const uri = 'TEST_POSTGRES_URI';

/** TEST_POSTGRES_HOST and its companions, or TEST_POSTGRES_URI for all of them. */
export const postgresVariables: EndpointVariables<PostgresEndpoint> = {
  locating: ['TEST_POSTGRES_HOST', uri],
  names: ['HOST', 'PORT', 'USER', 'PASSWORD', 'DATABASE', 'URI'].map((part) => `TEST_POSTGRES_${part}`),
  account: ['TEST_POSTGRES_USER', 'TEST_POSTGRES_PASSWORD', uri],

  to: (endpoint) => ({
    TEST_POSTGRES_HOST: endpoint.host,
    TEST_POSTGRES_PORT: String(endpoint.port),
    TEST_POSTGRES_USER: endpoint.user,
    TEST_POSTGRES_PASSWORD: endpoint.password,
    TEST_POSTGRES_DATABASE: endpoint.database,
    [uri]: toUri(endpoint),
  }),

  from: (environment) => {
    const address = addressFrom(environment, uri, ['postgres', 'postgresql']);
    if (![null, 'disable', 'prefer'].includes(address?.parameters.get('sslmode') ?? null)) {
      throw new RangeError(`${uri} asks for TLS (sslmode); a PostgreSQL for tests is spoken to without`);
    }
    const value = (part: 'host' | 'port' | 'user' | 'password' | 'path', variable: string) =>
      agreed(environment, { variable: uri, value: address?.[part] }, variable);
    return {
      host: value('host', 'TEST_POSTGRES_HOST') ?? 'localhost',
      port: portFrom(value('port', 'TEST_POSTGRES_PORT'), 'TEST_POSTGRES_PORT', 5432),
      user: value('user', 'TEST_POSTGRES_USER') ?? 'postgres',
      password: value('password', 'TEST_POSTGRES_PASSWORD') ?? 'postgres',
      database: value('path', 'TEST_POSTGRES_DATABASE') ?? 'postgres',
    };
  },
};

function toUri(endpoint: PostgresEndpoint): string {
  const account = [endpoint.user, endpoint.password].map(encodeURIComponent).join(':');
  return `postgres://${account}@${hostAndPort(endpoint)}/${encodeURIComponent(endpoint.database)}`;
}
