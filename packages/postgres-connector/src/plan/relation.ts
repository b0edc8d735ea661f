import { quoteIdentifier, quoteQualified } from './identifier.js';

/**
 * What a stream is on the server. A query has the empty namespace, which no schema can have.
 */
export interface Relation {
  readonly namespace: string;
  readonly name: string;
  /** The query that it stands for; absent for what the catalogue knows. */
  readonly query?: string;
}

/**
 * Finds out what a stream's name means. Without a namespace it is the query of that name, if the options have one, else
 * what has that name in the default namespace.
 *
 * @returns `undefined` if it names a query that the options have not.
 */
export function resolveRelation(
  { namespace, name }: { readonly namespace?: string | undefined; readonly name: string },
  queries: ReadonlyMap<string, string>,
  defaultNamespace: string,
): Relation | undefined {
  const query = queries.get(name);
  if (namespace === undefined || namespace === '') {
    if (query !== undefined) return { namespace: '', name, query };
    if (namespace === '') return undefined;
  }
  return { namespace: namespace ?? defaultNamespace, name };
}

/** What stands behind FROM, under its own name or another. The line break ends a comment at the end of a query. */
export function fromItem({ namespace, name, query }: Relation, alias = name): string {
  const item = query === undefined ? quoteQualified(namespace, name) : `(${query}\n)`;
  return query === undefined && alias === name ? item : `${item} AS ${quoteIdentifier(alias)}`;
}

/** For messages. */
export function titleOf({ namespace, name, query }: Relation): string {
  return query === undefined ? quoteQualified(namespace, name) : `the query ${quoteIdentifier(name)}`;
}
