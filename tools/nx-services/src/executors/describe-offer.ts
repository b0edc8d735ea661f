import type { Endpoint, ServiceOffer } from '@sqlflow/service-runtime';
import { table } from '../table.js';

/** A table of where services are. Of the accounts it names the user; a password is not shown. */
export function offersTable(offers: readonly ServiceOffer[]): string {
  return table(
    ['SERVICE', 'PROVIDER', 'ADDRESS', 'ACCOUNT', 'VERSION', 'STARTED IN'],
    offers.map((offer) => [
      offer.service,
      offer.provider,
      `${offer.endpoint.host}:${String(offer.endpoint.port)}`,
      account(offer.endpoint),
      offer.version,
      offer.startedInMs === undefined ? 'already running' : `${offer.startedInMs.toFixed(0)} ms`,
    ]),
  );
}

function account(endpoint: Endpoint): string {
  const { user, database, accessKey, username, password }: Readonly<Record<string, unknown>> = {
    ...endpoint,
  };
  if (typeof user === 'string') return `${user}@${String(database)}`;
  const name = accessKey ?? username;
  if (typeof name === 'string') return name;
  return password === undefined ? 'none' : 'default';
}
