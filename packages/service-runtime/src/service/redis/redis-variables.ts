import type { RedisEndpoint } from '../endpoint.js';
import { addressFrom, agreed, type EndpointVariables, hostAndPort, portFrom } from '../variables.js';

const uri = 'TEST_REDIS_URI';

/** TEST_REDIS_HOST and its companions, or TEST_REDIS_URI for all of them. */
export const redisVariables: EndpointVariables<RedisEndpoint> = {
  locating: ['TEST_REDIS_HOST', uri],
  names: ['HOST', 'PORT', 'USERNAME', 'PASSWORD', 'URI'].map((part) => `TEST_REDIS_${part}`),
  account: ['TEST_REDIS_USERNAME', 'TEST_REDIS_PASSWORD', uri],

  to: (endpoint) => ({
    TEST_REDIS_HOST: endpoint.host,
    TEST_REDIS_PORT: String(endpoint.port),
    ...(endpoint.username !== undefined && { TEST_REDIS_USERNAME: endpoint.username }),
    ...(endpoint.password !== undefined && { TEST_REDIS_PASSWORD: endpoint.password }),
    [uri]: toUri(endpoint),
  }),

  from: (environment) => {
    const address = addressFrom(environment, uri, ['redis']);
    if (![undefined, '0'].includes(address?.path)) {
      throw new RangeError(
        `${uri} names database ${address?.path ?? ''}; tests share database 0 by key prefixes`,
      );
    }
    const value = (part: 'host' | 'port' | 'user' | 'password', variable: string) =>
      agreed(environment, { variable: uri, value: address?.[part] }, variable);
    const username = value('user', 'TEST_REDIS_USERNAME');
    const password = value('password', 'TEST_REDIS_PASSWORD');
    return {
      host: value('host', 'TEST_REDIS_HOST') ?? 'localhost',
      port: portFrom(value('port', 'TEST_REDIS_PORT'), 'TEST_REDIS_PORT', 6379),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    };
  },
};

function toUri(endpoint: RedisEndpoint): string {
  const { username = '', password = '' } = endpoint;
  const account =
    username === '' && password === '' ? '' : `${[username, password].map(encodeURIComponent).join(':')}@`;
  return `redis://${account}${hostAndPort(endpoint)}/0`;
}
