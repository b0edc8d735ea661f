import { typeOids, type WireColumn } from '../../src/decode/wire-column.js';
import type { WirePart, WireType } from '../../src/wire-type.js';
import { column, numericModifier } from '../wire-encoder.js';

/** What a query gave on a real server, in `<name>.rows.bin` and `<name>.copy.bin`. */
export interface Golden {
  readonly name: string;
  readonly query: string;
  readonly columns: readonly WireColumn[];
}

const typesQuery = `
SELECT * FROM (VALUES
  (true, (-32768)::int2, 2147483647, (-9223372036854775808)::int8, 1.5::float4, 'NaN'::float8, 1234.56::numeric(12,2),
   (-0.000012340)::numeric, 'ä€😀'::text, 'v'::varchar(5), 'ab'::char(4), '\\x00ff'::bytea, '2024-02-29'::date,
   '2024-01-01 10:00:00.123456'::timestamp, '1969-12-31 23:59:59.999999+00'::timestamptz,
   '6f2c1a4e-0001-4002-8003-0123456789ab'::uuid, '{"a" : 1}'::json, '{"a" : 1}'::jsonb),
  (false, 0::int2, 0, 0::int8, 'Infinity'::float4, '-0'::float8, (-9999999999.99)::numeric(12,2),
   'NaN'::numeric, '', '', '', '', 'infinity', '-infinity', 'infinity',
   '00000000-0000-0000-0000-000000000000', 'null', 'null'),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
) AS golden`;

const typesColumns = [
  column('a_bool', 'bool'),
  column('a_int2', 'int2'),
  column('a_int4', 'int4'),
  column('a_int8', 'int8'),
  column('a_float4', 'float4'),
  column('a_float8', 'float8'),
  column('a_decimal', 'numeric', { typeModifier: numericModifier(12, 2) }),
  column('a_numeric', 'numeric'),
  column('a_text', 'text'),
  column('a_varchar', 'varchar'),
  column('a_char', 'bpchar'),
  column('a_bytea', 'bytea'),
  column('a_date', 'date'),
  column('a_timestamp', 'timestamp'),
  column('a_timestamptz', 'timestamptz'),
  column('a_uuid', 'uuid'),
  column('a_json', 'json'),
  column('a_jsonb', 'jsonb'),
];

const nestedQuery = `
SELECT * FROM (VALUES
  ('10:00:00.000001'::time, '-1 mon 2 days -00:00:00.000001'::interval, 4294967295::oid, '18446744073709551615'::xid8,
   'x'::"char", '{1,NULL,3}'::int4[], '{1.5,NULL}'::numeric(5,2)[], '{"a b",NULL,""}'::text[], ROW(1, 'a'::text),
   ARRAY[ROW(1, NULL::text), NULL], '[1,5)'::int4range, '{(,1.5],[3.25,)}'::nummultirange),
  ('24:00', '0', '0', '0', '', '{}', '{}', '{}', ROW(NULL::int4, ''::text), '{}', 'empty', '{}'),
  ('00:00', '178000000 years', '1', '1', '\\303', '{NULL}', '{-999.99}', '{ä€😀}', ROW(2, 'b'::text),
   ARRAY[ROW(NULL::int4, 'c'::text)], '(,)', '{(,)}'),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
) AS golden`;

function base(type: keyof typeof typeOids, typeModifier = -1): WirePart {
  const typeOid = typeOids[type];
  return { typeOid, sqlType: type, type: { kind: 'base', typeOid, typeModifier } };
}

function nested(name: string, type: WireType): WireColumn {
  return { name, typeOid: 0, typeModifier: -1, type, nullable: true, sqlType: '', readAsText: false };
}

const recordOid = 2249;
const record: WireType = {
  kind: 'composite',
  attributes: [
    { name: 'f1', ...base('int4') },
    { name: 'f2', ...base('text') },
  ],
};
const numrange: WirePart = {
  typeOid: 3906,
  sqlType: 'numrange',
  type: { kind: 'range', bound: base('numeric') },
};

const nestedColumns = [
  column('a_time', 'time'),
  column('a_interval', 'interval'),
  column('a_oid', 'oid'),
  column('a_xid8', 'xid8'),
  column('a_char', 'char'),
  nested('ints', { kind: 'array', element: base('int4') }),
  nested('decimals', { kind: 'array', element: base('numeric', numericModifier(5, 2)) }),
  nested('texts', { kind: 'array', element: base('text') }),
  nested('a_record', record),
  nested('records', { kind: 'array', element: { typeOid: recordOid, sqlType: 'record', type: record } }),
  nested('a_range', { kind: 'range', bound: base('int4') }),
  nested('ranges', { kind: 'multirange', range: numrange }),
];

export const types: Golden = { name: 'types', query: typesQuery, columns: typesColumns };
export const nestedTypes: Golden = { name: 'nested-types', query: nestedQuery, columns: nestedColumns };
