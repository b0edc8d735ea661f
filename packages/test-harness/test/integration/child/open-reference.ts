import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { type SourceDefect } from '../reference/defects.js';
import { ReferenceSource } from '../reference/reference-source.js';

/** The defect is the query of this module's URL. */
const defect = new URL(import.meta.url).search.slice(1);

export function open(endpoint: PostgresEndpoint): ReferenceSource {
  return new ReferenceSource(endpoint, defect === '' ? undefined : (defect as SourceDefect));
}
