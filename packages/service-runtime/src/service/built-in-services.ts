import { objectStoreService } from './object-store/object-store-service.js';
import { postgresService } from './postgres/postgres-service.js';
import { redisService } from './redis/redis-service.js';
import type { ServiceDefinition } from './service-definition.js';

/** The services that need no definition of a workspace's own, in the order in which services are shown. */
export const builtInDefinitions: readonly ServiceDefinition[] = [
  postgresService,
  objectStoreService,
  redisService,
];
