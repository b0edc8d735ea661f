import type { Row } from '@sqlflow/connector-contract';
import type { RowEncoder } from './encode/row-encoder.js';
import type { TargetTable } from './plan/target-table.js';
import type { Mode, WritePlan } from './plan/write-plan.js';

/** A column for which there is none yet. */
export interface NewColumn {
  readonly name: string;
  /** The type as the batches had it from another table, if they say so. It is not trusted. */
  readonly ownType?: string;
  readonly sqlType: string;
  readonly nullable: boolean;
}

/** How pieces of what is written, batches or lists of rows, are understood. */
export interface BlockKind<Block> {
  /** The columns of a block as they would be created. @throws ConnectorError `unsupported` for a type that has no column */
  newColumns(block: Block): readonly NewColumn[];
  /** @throws ConnectorError `invalid-data` for a block that does not go with the table */
  plan(block: Block, table: TargetTable, mode: Mode, key: readonly string[]): BlockPlan<Block>;
}

/** How blocks come into one table. */
export interface BlockPlan<Block> {
  readonly plan: WritePlan;
  /**
   * @param ordinal - The number of the block's first row, if rows are numbered.
   * @throws ConnectorError `invalid-data` for a block whose columns are not those of the first
   */
  encoder(block: Block, ordinal: number | undefined): RowEncoder;
  rowOf(block: Block, index: number): Row;
}
