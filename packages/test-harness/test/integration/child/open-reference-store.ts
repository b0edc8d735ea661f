import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import type { StateStoreDefect } from '../reference-store/defects.js';
import { ReferenceStore } from '../reference-store/reference-store.js';

/** The defect is the query of this module's URL. */
const defect = new URL(import.meta.url).search.slice(1);

export function open(endpoint: PostgresEndpoint): ReferenceStore {
  return new ReferenceStore(endpoint, defect === '' ? undefined : (defect as StateStoreDefect));
}
