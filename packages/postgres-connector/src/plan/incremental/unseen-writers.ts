import { ConnectorError } from '@sqlflow/connector-contract';
import { z } from 'zod';
import { arrayText } from '../array-text.js';
import type { CatalogRow, Query } from '../catalog.js';

/** Why it cannot be told here what may still be committed to what a stream reads. */
export interface UnseenWriters {
  /** What is committed late shows up later still, however long one waits. */
  readonly evenWithLag: boolean;
  readonly because: string;
}

const foreign: UnseenWriters = {
  evenWithLag: false,
  because: 'what writes to a foreign table runs on another server',
};
const materialised: UnseenWriters = {
  evenWithLag: true,
  because: 'a materialised view holds what its last refresh saw, of transactions that have ended since too',
};

/** What is scanned by the plan of a query. Scans within functions are not seen. */
export interface Scanned {
  readonly foreign: boolean;
  readonly relations: readonly Scan[];
}

interface Scan {
  readonly namespace: string;
  readonly name: string;
}

/** Asks for the plan of a query: views are opened in it, and what is never scanned is left out. */
export function askPlan({ sql, parameters }: Query): Query {
  return { sql: `EXPLAIN (VERBOSE, FORMAT JSON) ${sql}`, parameters };
}

const node = z.object({
  'Node Type': z.string(),
  Schema: z.string().optional(),
  'Relation Name': z.string().optional(),
  get Plans() {
    return z.array(node).optional();
  },
});
const answer = z.tuple([z.object({ Plan: node })]);

/** @throws ConnectorError `protocol-violation` for what is no plan. */
export function toScanned(row: CatalogRow): Scanned {
  const parsed = answer.safeParse(JSON.parse(row['QUERY PLAN'] ?? 'null'));
  if (!parsed.success) {
    const message = 'the server described the plan of a query in a way that is not known';
    throw new ConnectorError('protocol-violation', message, { kind: 'terminal', effect: 'none' });
  }
  const [{ Plan: top }] = parsed.data;
  let hasForeign = false;
  const relations: Scan[] = [];
  const pending = [top];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { Schema: namespace, 'Relation Name': name, Plans: children = [] } = next;
    if (next['Node Type'] === 'Foreign Scan') hasForeign = true;
    if (namespace !== undefined && name !== undefined) relations.push({ namespace, name });
    pending.push(...children);
  }
  return { foreign: hasForeign, relations };
}

/** Asks whether one of these is a materialised view. */
export function askMaterialised(relations: readonly Scan[]): Query {
  // Of several arrays `unnest` is a word of the language: no other function can be meant, and no schema may be named.
  return {
    sql: `
SELECT EXISTS (
  SELECT FROM unnest($1::pg_catalog.text::pg_catalog.text[], $2::pg_catalog.text::pg_catalog.text[]) AS scan (namespace, name)
    JOIN pg_catalog.pg_namespace n ON n.nspname = scan.namespace
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = scan.name
  WHERE c.relkind = 'm'
) AS is_materialised`,
    parameters: [
      arrayText(relations.map(({ namespace }) => namespace)),
      arrayText(relations.map(({ name }) => name)),
    ],
  };
}

export function toUnseenWriters(scanned: Scanned, row: CatalogRow): UnseenWriters | undefined {
  if (row['is_materialised'] === 't') return materialised;
  return scanned.foreign ? foreign : undefined;
}
