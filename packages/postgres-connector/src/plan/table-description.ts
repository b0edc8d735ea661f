import type { WireType } from '../wire-type.js';
import type { Relation } from './relation.js';

/** A table, view, query or the like as the server describes it to the role that asks. */
export interface TableDescription extends Relation {
  /** Those that the role may read, in the table's order. */
  readonly columns: readonly ColumnDescription[];
  /** Columns that exist and that the role may not read. */
  readonly deniedColumns: readonly string[];
  /** In key order; empty if there is none, or the role may not read all of it. */
  readonly primaryKey: readonly string[];
  readonly estimatedRows?: number;
  readonly estimatedBytes?: number;
}

export interface ColumnDescription {
  readonly name: string;
  /** As the server spells it, such as `numeric(12,2)`. */
  readonly sqlType: string;
  /** Of the type itself, or for a domain of the type beneath it. */
  readonly typeOid: number;
  readonly typeModifier: number;
  /** Absent if `typeOid` and `typeModifier` say it all, or nobody has asked. */
  readonly type?: WireType;
  readonly nullable: boolean;
}
