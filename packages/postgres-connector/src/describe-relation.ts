import { ConnectorError } from '@sqlflow/connector-contract';
import { type CatalogRow, describeResult, describeTable, toTableDescriptions } from './plan/catalog.js';
import { fromItem, type Relation, titleOf } from './plan/relation.js';
import type { TableDescription } from './plan/table-description.js';
import type { DescribedColumn } from './session/row-description.js';
import type { Session } from './session/session.js';

/**
 * Asks the server what a relation looks like.
 *
 * @throws ConnectorError `not-found` if there is none; for a query what the server has to object.
 */
export async function describeRelation(
  session: Session,
  relation: Relation,
  doing: string,
  signal?: AbortSignal,
): Promise<TableDescription> {
  const { namespace, name, query } = relation;
  let rows: readonly CatalogRow[];
  if (query === undefined) {
    rows = await session.query(describeTable(namespace, name), doing, signal);
  } else {
    const columns = await describeResultOf(session, relation, doing, signal);
    rows = await session.query(describeResult(namespace, name, columns), doing, signal);
  }
  const [table] = toTableDescriptions(rows);
  if (table === undefined) throw notFound(`${doing} failed: there is no such table or view`);
  return query === undefined ? table : { ...table, query };
}

export function notFound(message: string): ConnectorError {
  return new ConnectorError('not-found', message, { kind: 'terminal', effect: 'none' });
}

/** The server describes the columns of a result before its first row, and here there is none. */
async function describeResultOf(
  session: Session,
  relation: Relation,
  doing: string,
  signal: AbortSignal | undefined,
): Promise<readonly DescribedColumn[]> {
  let described: readonly DescribedColumn[] = [];
  const query = { sql: `SELECT * FROM ${fromItem(relation)} LIMIT 0`, parameters: [] };
  const sink = {
    describe: (columns: readonly DescribedColumn[]): void => {
      described = columns;
    },
    push: () => [],
    end: () => [],
  };
  const stream = session.stream(query, sink, doing);
  const onAbort = (): void => {
    stream.discard(signal?.reason);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await stream.untilReady();
  } catch (error) {
    await session.abandon(stream, error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
  const names = described.map((column) => column.name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return described;
  const message = `${titleOf(relation)} has two columns of the name ${JSON.stringify(repeated)}; give each a name of its own (AS)`;
  throw new ConnectorError('invalid-option', message, { kind: 'terminal', effect: 'none' });
}
