import type { Endpoints } from './endpoint.js';
import { type ServiceName, serviceNames } from './service-name.js';

/** A process environment, handed in: nothing below the entry points reads the real one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable whose presence says that a service is to be had at the place the variables name. */
export const locatingVariables: Readonly<Record<ServiceName, string>> = {
  postgres: 'TEST_POSTGRES_HOST',
  'object-store': 'TEST_MINIO_ENDPOINT',
  redis: 'TEST_REDIS_HOST',
};

/** `localhost:9000`, and `[::1]:9000` for the address of IPv6 that has colons of its own. */
export function hostAndPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

/** The variables that carry an endpoint to a test, and that name a server which already runs. */
export function toVariables(endpoints: Partial<Endpoints>): Record<string, string> {
  const { postgres, 'object-store': store, redis } = endpoints;
  return {
    ...(postgres && {
      TEST_POSTGRES_HOST: postgres.host,
      TEST_POSTGRES_PORT: String(postgres.port),
      TEST_POSTGRES_USER: postgres.user,
      TEST_POSTGRES_PASSWORD: postgres.password,
      TEST_POSTGRES_DATABASE: postgres.database,
    }),
    ...(store && {
      TEST_MINIO_ENDPOINT: hostAndPort(store),
      TEST_MINIO_USE_TLS: String(store.useTls),
      TEST_MINIO_REGION: store.region,
      TEST_MINIO_ACCESS_KEY: store.accessKey,
      TEST_MINIO_SECRET_KEY: store.secretKey,
    }),
    ...(redis && {
      TEST_REDIS_HOST: redis.host,
      TEST_REDIS_PORT: String(redis.port),
      ...(redis.username !== undefined && { TEST_REDIS_USERNAME: redis.username }),
      ...(redis.password !== undefined && { TEST_REDIS_PASSWORD: redis.password }),
    }),
  };
}

/**
 * Reads the endpoints that the environment names; what it leaves out has the defaults of the guide.
 *
 * @returns Only the services whose locating variable is set.
 * @throws RangeError naming the variable, the value and the range, for a port or an endpoint that is none.
 */
export function fromVariables(environment: Environment): Partial<Endpoints> {
  const given = new Set(serviceNames.filter((name) => Boolean(environment[locatingVariables[name]])));
  return {
    ...(given.has('postgres') && { postgres: postgresFrom(environment) }),
    ...(given.has('object-store') && { 'object-store': objectStoreFrom(environment) }),
    ...(given.has('redis') && { redis: redisFrom(environment) }),
  };
}

function postgresFrom(environment: Environment): Endpoints['postgres'] {
  return {
    host: environment['TEST_POSTGRES_HOST'] ?? 'localhost',
    port: portFrom(environment, 'TEST_POSTGRES_PORT', 5432),
    user: environment['TEST_POSTGRES_USER'] ?? 'postgres',
    password: environment['TEST_POSTGRES_PASSWORD'] ?? 'postgres',
    database: environment['TEST_POSTGRES_DATABASE'] ?? 'postgres',
  };
}

function objectStoreFrom(environment: Environment): Endpoints['object-store'] {
  const given = environment['TEST_MINIO_ENDPOINT'] ?? '';
  const match = /^(?:(?<scheme>https?):\/\/)?(?<host>\[[^\]]+\]|[^:/]+)(?::(?<port>\d+))?\/?$/.exec(given);
  const { scheme, host, port } = match?.groups ?? {};
  if (host === undefined) {
    const shown = given.replace(/[^/]*@/, '***@'); // an account in the address is a secret
    throw new RangeError(
      `TEST_MINIO_ENDPOINT is "${shown}"; it must look like localhost:9000 or https://host`,
    );
  }
  const useTls = scheme === undefined ? environment['TEST_MINIO_USE_TLS'] === 'true' : scheme === 'https';
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port:
      port === undefined
        ? useTls
          ? 443
          : 80
        : portFrom({ TEST_MINIO_ENDPOINT: port }, 'TEST_MINIO_ENDPOINT'),
    useTls,
    region: environment['TEST_MINIO_REGION'] ?? 'us-east-1',
    accessKey: environment['TEST_MINIO_ACCESS_KEY'] ?? 'minioadmin',
    secretKey: environment['TEST_MINIO_SECRET_KEY'] ?? 'minioadmin',
  };
}

function redisFrom(environment: Environment): Endpoints['redis'] {
  const username = environment['TEST_REDIS_USERNAME'];
  const password = environment['TEST_REDIS_PASSWORD'];
  return {
    host: environment['TEST_REDIS_HOST'] ?? 'localhost',
    port: portFrom(environment, 'TEST_REDIS_PORT', 6379),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

function portFrom(environment: Environment, variable: string, otherwise?: number): number {
  const given = environment[variable];
  const port = given === undefined || given === '' ? otherwise : Number(given);
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(
      `the port in ${variable} is "${given ?? ''}"; it must be a whole number from 1 to 65535`,
    );
  }
  return port;
}
