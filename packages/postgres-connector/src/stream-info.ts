import type { StreamInfo } from '@sqlflow/connector-contract';
import { Schema } from 'apache-arrow';
import { fieldOf, isDecodable } from './decode/column-types.js';
import { type NumericAs, typeOids } from './decode/wire-column.js';
import { planColumn } from './plan/read-plan.js';
import type { TableDescription } from './plan/table-description.js';

/** Types of one total order that is the same everywhere: no floats, for NaN, and no text, for collations. */
const orderable: ReadonlySet<number> = new Set([
  typeOids.int2,
  typeOids.int4,
  typeOids.int8,
  typeOids.numeric,
  typeOids.date,
  typeOids.timestamp,
  typeOids.timestamptz,
  typeOids.uuid,
]);

/** The schema that a read of the table will have, and what else is known of it. */
export function toStreamInfo(table: TableDescription, numericAs: NumericAs): StreamInfo {
  const { namespace, name, columns, primaryKey, estimatedRows, estimatedBytes } = table;
  return {
    namespace,
    name,
    schema: new Schema(columns.map((column) => fieldOf(planColumn(column, isDecodable), numericAs))),
    primaryKey,
    ...(estimatedRows !== undefined && { estimatedRows }),
    ...(estimatedBytes !== undefined && { estimatedBytes }),
    cursorCandidates: columns
      .filter(({ nullable, typeOid }) => !nullable && orderable.has(typeOid))
      .map((column) => column.name),
  };
}
