import { isDecodable } from './decode/column-types.js';
import type { ColumnDescription } from './plan/table-description.js';
import { describeTypes, toWireTypes } from './plan/type-catalog.js';
import type { Session } from './session/session.js';
import type { ArraysAs } from './wire-type.js';

/**
 * Finds out what the types of columns are made of: by one query for all that are not known without, or by none.
 * They may be the columns of tables, or those of any result.
 *
 * @returns What completes each of the columns with its type.
 * @throws ConnectorError saying that `doing` failed.
 */
export async function lookUpTypes(
  session: Session,
  columns: readonly ColumnDescription[],
  { arraysAs, doing, signal }: { arraysAs: ArraysAs; doing: string; signal: AbortSignal | undefined },
): Promise<(column: ColumnDescription) => ColumnDescription> {
  const unknown = columns.filter(({ typeOid }) => !isDecodable(typeOid));
  if (unknown.length === 0) return (column) => column;
  const rows = await session.query(describeTypes(unknown), doing, signal);
  const typeOf = toWireTypes(rows, { isDecodable, arraysAs });
  return (column) => (isDecodable(column.typeOid) ? column : { ...column, type: typeOf(column) });
}
