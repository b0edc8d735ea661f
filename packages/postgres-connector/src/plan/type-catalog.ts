import type { ArraysAs, WirePart, WireType } from '../wire-type.js';
import type { CatalogRow, Query } from './catalog.js';

/** A type as a column of a table or of a result names it. */
export interface TypeReference {
  readonly typeOid: number;
  readonly typeModifier: number;
}

export interface TypeChoices {
  /** Types whose binary form can be decoded without knowing more than their identifier. */
  readonly isDecodable: (typeOid: number) => boolean;
  readonly arraysAs: ArraysAs;
}

/**
 * Asks what types are made of, down to the types that have no parts. One row a part; a type without parts has one row.
 * A modifier goes with its type: that of an array is the one of its elements.
 */
export function describeTypes(types: readonly TypeReference[]): Query {
  return {
    sql: `
WITH RECURSIVE part (whole, whole_modifier, position, name, oid, modifier) AS (
  SELECT NULL::pg_catalog.oid, NULL::pg_catalog.int4, 0, NULL::pg_catalog.name, wanted.oid, wanted.modifier
  FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int4[]))
    AS wanted (oid, modifier)
  UNION
  SELECT p.oid, p.modifier, inside.position, inside.name, inside.oid, inside.modifier
  FROM part p CROSS JOIN LATERAL (
    SELECT 0, NULL::pg_catalog.name, t.typelem, p.modifier
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
    WHERE t.oid = p.oid
    UNION ALL
    SELECT 0, NULL, t.typbasetype, t.typtypmod
    FROM pg_catalog.pg_type t WHERE t.oid = p.oid AND t.typtype = 'd'
    UNION ALL
    SELECT a.attnum, a.attname, a.atttypid, a.atttypmod
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid
    WHERE t.oid = p.oid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 0, NULL, r.rngsubtype, -1 FROM pg_catalog.pg_range r WHERE r.rngtypid = p.oid
    UNION ALL
    -- Through JSON, since a server before PostgreSQL 14 has no such column.
    SELECT 0, NULL, r.rngtypid, -1
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_range r
      ON (pg_catalog.to_jsonb(r) ->> 'rngmultitypid')::pg_catalog.oid = t.oid
    WHERE t.oid = p.oid AND t.typtype = 'm'
  ) AS inside (position, name, oid, modifier)
)
SELECT w.oid, w.modifier, p.name, p.oid AS part_oid, p.modifier AS part_modifier,
  pg_catalog.format_type(p.oid, p.modifier) AS part_sql_type,
  CASE WHEN t.typtype IN ('d', 'e', 'c', 'r', 'm') THEN t.typtype WHEN p.oid IS NOT NULL THEN 'a'
    -- Such as citext: its functions have names of their own, and are those of text.
    WHEN (SELECT pg_catalog.array_agg(f.prosrc ORDER BY f.prosrc) FROM pg_catalog.pg_proc f
      WHERE f.oid IN (t.typoutput, t.typsend)) = ARRAY['textout', 'textsend'] THEN 't' ELSE 'b' END AS kind,
  CASE WHEN t.typtype = 'e' THEN (SELECT pg_catalog.json_agg(e.enumlabel::pg_catalog.text ORDER BY e.enumsortorder)
    FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) END AS labels
FROM (SELECT DISTINCT oid, modifier FROM part) w
  JOIN pg_catalog.pg_type t ON t.oid = w.oid
  LEFT JOIN part p ON p.whole = w.oid AND p.whole_modifier = w.modifier
ORDER BY w.oid, w.modifier, p.position`,
    parameters: [
      `{${types.map(({ typeOid }) => typeOid).join(',')}}`,
      `{${types.map(({ typeModifier }) => typeModifier).join(',')}}`,
    ],
  };
}

/**
 * Puts the rows of `describeTypes` together. What cannot be decoded, for a part of it or as a whole, is `text`; but
 * of an array that holds such elements only the elements are, since the server can make text of each.
 */
export function toWireTypes(
  rows: readonly CatalogRow[],
  { isDecodable, arraysAs }: TypeChoices,
): (reference: TypeReference) => WireType {
  const known = new Map<string, CatalogRow[]>();
  for (const row of rows) {
    const key = keyOf(Number(row['oid']), Number(row['modifier']));
    const others = known.get(key);
    if (others === undefined) known.set(key, [row]);
    else others.push(row);
  }

  const typeOf = ({ typeOid, typeModifier }: TypeReference): WireType => {
    const base: WireType = isDecodable(typeOid) ? { kind: 'base', typeOid, typeModifier } : text;
    // Dropped since the columns were looked at: the query itself will fail, and says so.
    const [first, ...others] = known.get(keyOf(typeOid, typeModifier)) ?? [];
    if (first === undefined) return base;
    switch (first['kind']) {
      case 't':
        return { kind: 'base', typeOid: textOid, typeModifier: -1 };
      case 'd':
        return typeOf(partReference(first));
      case 'e':
        return { kind: 'enum', labels: JSON.parse(first['labels'] ?? '[]') as string[] };
      case 'a':
        return arraysAs === 'text' ? text : { kind: 'array', element: elementOf(partOf(first)) };
      case 'c': {
        const attributes = first['part_oid'] === null ? [] : [first, ...others].map(attributeOf);
        return attributes.every(isDecoded) ? { kind: 'composite', attributes } : text;
      }
      case 'r': {
        const bound = partOf(first);
        return isDecoded(bound) ? { kind: 'range', bound } : text;
      }
      case 'm': {
        const range = partOf(first);
        return isDecoded(range) ? { kind: 'multirange', range } : text;
      }
      default:
        return base;
    }
  };
  const partOf = (row: CatalogRow): WirePart => ({
    typeOid: Number(row['part_oid']),
    sqlType: row['part_sql_type'] ?? '',
    type: typeOf(partReference(row)),
  });
  const attributeOf = (row: CatalogRow) => ({ ...partOf(row), name: row['name'] ?? '' });
  return typeOf;
}

const textOid = 25;
const text: WireType = { kind: 'text' };

function keyOf(typeOid: number, typeModifier: number): string {
  return `${String(typeOid)}:${String(typeModifier)}`;
}

function partReference(row: CatalogRow): TypeReference {
  return { typeOid: Number(row['part_oid']), typeModifier: Number(row['part_modifier']) };
}

/** Says whether all of the part comes in binary. A cast reaches a whole column, not what is deep within it. */
function isDecoded({ type }: WirePart): boolean {
  return type.kind !== 'text' && !(type.kind === 'array' && type.element.type.kind === 'text');
}

function elementOf(part: WirePart): WirePart {
  return isDecoded(part) ? part : { ...part, type: text };
}
