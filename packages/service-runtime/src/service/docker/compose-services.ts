import type { Endpoints } from '../endpoint.js';
import { probeObjectStore } from '../object-store/object-store-probe.js';
import { probePostgres } from '../postgres/postgres-probe.js';
import { probeRedis } from '../redis/redis-probe.js';
import type { ComposeService } from './docker-provider.js';

/** How the environment of each compose file says the credentials: by the names that its image's documentation gives. */
export const composeServices: { readonly [N in keyof Endpoints]: ComposeService<Endpoints[N]> } = {
  postgres: {
    service: 'postgres',
    standardPort: 5432,
    probe: probePostgres,
    endpoint: (
      address,
      { POSTGRES_USER: user = 'postgres', POSTGRES_PASSWORD: password = '', POSTGRES_DB },
    ) => ({
      ...address,
      user,
      password,
      database: POSTGRES_DB ?? user,
    }),
  },
  'object-store': {
    service: 'object-store',
    standardPort: 9000,
    probe: probeObjectStore,
    endpoint: (address, environment) => ({
      ...address,
      useTls: false,
      region: environment['MINIO_REGION'] ?? 'us-east-1',
      accessKey: environment['MINIO_ROOT_USER'] ?? 'minioadmin',
      secretKey: environment['MINIO_ROOT_PASSWORD'] ?? 'minioadmin',
    }),
  },
  redis: {
    service: 'redis',
    standardPort: 6379,
    probe: probeRedis,
    endpoint: (address, { REDIS_PASSWORD: password }) => ({ ...address, ...(password && { password }) }),
  },
};
