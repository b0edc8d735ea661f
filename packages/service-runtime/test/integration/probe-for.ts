import { endpointsOf, type ServiceOffer } from '../../src/index.js';
import { probeObjectStore } from '../../src/service/object-store/object-store-probe.js';
import { probePostgres } from '../../src/service/postgres/postgres-probe.js';
import { probeRedis } from '../../src/service/redis/redis-probe.js';

/** Asks a service that was offered whether it answers. */
export function probeFor(offer: ServiceOffer | undefined): (signal: AbortSignal) => Promise<string> {
  const { postgres, 'object-store': store, redis } = endpointsOf(offer === undefined ? [] : [offer]);
  if (postgres) return (signal) => probePostgres(postgres, signal);
  if (store) return (signal) => probeObjectStore(store, signal);
  if (redis) return (signal) => probeRedis(redis, signal);
  throw new Error('nothing was offered');
}
