import type { TargetType } from '../target-type.js';

/** Object identifiers of built-in types that are written in their binary form. They are the same in every server. */
export const oids = {
  bool: 16,
  bytea: 17,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  xid: 28,
  cid: 29,
  json: 114,
  xml: 142,
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

export type { TargetType };

const textLike: ReadonlySet<number> = new Set([
  ...[oids.text, oids.varchar, oids.bpchar, oids.name],
  ...[oids.json, oids.xml],
]);

/** Says whether the binary form of a value is its text. */
export function isTextLike({ typeOid, isEnum }: TargetType): boolean {
  return isEnum || textLike.has(typeOid);
}

/**
 * Types of which a text is no value: whoever has text for them has another column in mind. Any other type takes the text
 * that the server prints for its values.
 */
const neverText: ReadonlySet<number> = new Set([
  ...[oids.bool, oids.int2, oids.int4, oids.int8, oids.float4, oids.float8, oids.bytea],
  ...[oids.date, oids.timestamp, oids.timestamptz],
]);

export function takesText({ typeOid }: TargetType): boolean {
  return !neverText.has(typeOid);
}
