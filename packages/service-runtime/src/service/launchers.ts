import { objectStoreLauncher } from './object-store/object-store-launcher.js';
import { postgresLauncher } from './postgres/postgres-launcher.js';
import { redisLauncher } from './redis/redis-launcher.js';
import type { LocalLauncher } from './running-service.js';

/** Every service that can be started from local processes, in the order in which services are shown. */
export const launchers: readonly LocalLauncher[] = [postgresLauncher, objectStoreLauncher, redisLauncher];
