import type { Endpoints, ServiceName, ServiceOffer } from '@sqlflow/service-runtime';
import { table } from '../table.js';

/** A table of where services are. Of the accounts it names the user; a password is not shown. */
export function offersTable(offers: readonly ServiceOffer[]): string {
  return table(
    ['SERVICE', 'PROVIDER', 'ADDRESS', 'ACCOUNT', 'VERSION', 'STARTED IN'],
    offers.map((offer) => [
      offer.service,
      offer.provider,
      `${offer.endpoint.host}:${String(offer.endpoint.port)}`,
      account(offer.service, offer.endpoint),
      offer.version,
      offer.startedInMs === undefined ? 'already running' : `${offer.startedInMs.toFixed(0)} ms`,
    ]),
  );
}

function account(service: ServiceName, endpoint: Endpoints[ServiceName]): string {
  if ('user' in endpoint) return `${endpoint.user}@${endpoint.database}`;
  if ('accessKey' in endpoint) return endpoint.accessKey;
  return endpoint.username ?? (service === 'redis' && endpoint.password === undefined ? 'none' : 'default');
}
