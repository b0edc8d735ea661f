import type { WireType } from '../wire-type.js';

/** A column as the server sends it in the binary format. */
export interface WireColumn {
  readonly name: string;
  /** The object identifier of the type on the wire, a domain's base type, or text where the query casts to it. */
  readonly typeOid: number;
  /** The type's modifier as `pg_attribute.atttypmod` has it, -1 for none. */
  readonly typeModifier: number;
  /** Absent if `typeOid` and `typeModifier` say it all. */
  readonly type?: WireType;
  readonly nullable: boolean;
  /** The column's type as the server spells it, such as `numeric(12,2)`. */
  readonly sqlType: string;
  /** The query casts the column to text, since its own binary form is not decoded. */
  readonly readAsText: boolean;
}

/** What becomes of `numeric(p,s)` with 1 ≤ p ≤ 38 and 0 ≤ s ≤ p. Any other `numeric` is always text. */
export type NumericAs = 'decimal' | 'text';

/** Object identifiers of built-in types. They are the same in every PostgreSQL server. */
export const typeOids = {
  bool: 16,
  bytea: 17,
  char: 18,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  xid: 28,
  cid: 29,
  json: 114,
  float4: 700,
  float8: 701,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
  xid8: 5069,
} as const;

export interface NumericScale {
  readonly precision: number;
  readonly scale: number;
}

/** Reads precision and scale out of the modifier of a `numeric`; `undefined` if it is unconstrained. */
export function numericScale(typeModifier: number): NumericScale | undefined {
  if (typeModifier < 4) return undefined;
  const packed = typeModifier - 4;
  // The scale is an 11-bit signed number since PostgreSQL 15, which allows negative ones.
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 0x400) - 0x400 };
}
