import { isDecodable } from './decode/column-types.js';
import type { TableDescription } from './plan/table-description.js';
import { describeTypes, toWireTypes } from './plan/type-catalog.js';
import type { Session } from './session/session.js';
import type { ArraysAs } from './wire-type.js';

/**
 * Completes the columns of tables, or of any results, with what their types are made of: by one query for all of them,
 * or by none if every type is known by its identifier.
 *
 * @throws ConnectorError saying that `doing` failed.
 */
export async function withTypes<T extends Pick<TableDescription, 'columns'>>(
  session: Session,
  tables: readonly T[],
  { arraysAs, doing, signal }: { arraysAs: ArraysAs; doing: string; signal: AbortSignal | undefined },
): Promise<readonly T[]> {
  const unknown = tables.flatMap(({ columns }) => columns.filter(({ typeOid }) => !isDecodable(typeOid)));
  if (unknown.length === 0) return tables;
  const rows = await session.query(describeTypes(unknown), doing, signal);
  const typeOf = toWireTypes(rows, { isDecodable, arraysAs });
  return tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) => {
      return isDecodable(column.typeOid) ? column : { ...column, type: typeOf(column) };
    }),
  }));
}
