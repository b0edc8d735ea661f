import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import type { DestinationDefect } from '../reference-destination/defects.js';
import { ReferenceDestination } from '../reference-destination/reference-destination.js';

/** The defect is the query of this module's URL. */
const defect = new URL(import.meta.url).search.slice(1);

export function open(endpoint: PostgresEndpoint): ReferenceDestination {
  if (defect === 'secret-is-printed')
    process.stdout.write(`connecting as ${endpoint.user}:${endpoint.password}\n`);
  return new ReferenceDestination(endpoint, defect === '' ? undefined : (defect as DestinationDefect));
}
