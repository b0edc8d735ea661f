import type { ObjectStoreEndpoint } from '../endpoint.js';
import { agreed, type EndpointVariables, type Environment, hostAndPort, portFrom } from '../variables.js';

const parts = ['ENDPOINT', 'USE_TLS', 'REGION', 'ACCESS_KEY', 'SECRET_KEY'] as const;

/**
 * TEST_S3_ENDPOINT and its companions, or TEST_MINIO_… for the same: the guide's names, from when the store was MinIO.
 * An endpoint is `localhost:9000`, or an address such as `https://store.example`.
 */
export const objectStoreVariables: EndpointVariables<ObjectStoreEndpoint> = {
  locating: ['TEST_S3_ENDPOINT', 'TEST_MINIO_ENDPOINT'],
  names: ['TEST_S3', 'TEST_MINIO'].flatMap((prefix) => parts.map((part) => `${prefix}_${part}`)),
  account: ['TEST_S3', 'TEST_MINIO'].flatMap((prefix) => [`${prefix}_ACCESS_KEY`, `${prefix}_SECRET_KEY`]),

  to: (endpoint) => {
    const values = {
      ENDPOINT: hostAndPort(endpoint),
      USE_TLS: String(endpoint.useTls),
      REGION: endpoint.region,
      ACCESS_KEY: endpoint.accessKey,
      SECRET_KEY: endpoint.secretKey,
    };
    return Object.fromEntries(
      parts.flatMap((part) => ['TEST_S3', 'TEST_MINIO'].map((prefix) => [`${prefix}_${part}`, values[part]])),
    );
  },

  from: (environment) => ({
    ...place(environment),
    region: valueOf('REGION', environment) ?? 'us-east-1',
    accessKey: valueOf('ACCESS_KEY', environment) ?? 'minioadmin',
    secretKey: valueOf('SECRET_KEY', environment) ?? 'minioadmin',
  }),
};

function valueOf(part: (typeof parts)[number], environment: Environment): string | undefined {
  const variable = `TEST_S3_${part}`;
  return agreed(environment, { variable, value: environment[variable] }, `TEST_MINIO_${part}`);
}

function place(environment: Environment): Pick<ObjectStoreEndpoint, 'host' | 'port' | 'useTls'> {
  const variable = environment['TEST_S3_ENDPOINT'] ? 'TEST_S3_ENDPOINT' : 'TEST_MINIO_ENDPOINT';
  const given = valueOf('ENDPOINT', environment) ?? '';
  const match = /^(?:(?<scheme>https?):\/\/)?(?<host>\[[^\]]+\]|[^:/]+)(?::(?<port>\d+))?\/?$/.exec(given);
  const { scheme, host, port } = match?.groups ?? {};
  if (host === undefined) {
    const shown = given.replace(/^(https?:\/\/)?.*@/, '$1***@'); // an account in the address is a secret
    throw new RangeError(`${variable} is "${shown}"; it must look like localhost:9000 or https://host`);
  }
  const useTls = scheme === undefined ? valueOf('USE_TLS', environment) === 'true' : scheme === 'https';
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: portFrom(port, variable, useTls ? 443 : 80),
    useTls,
  };
}
