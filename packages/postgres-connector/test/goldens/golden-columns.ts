import { column, numericModifier } from '../wire-encoder.js';

/** The query whose results the goldens are. */
export const goldenQuery = `
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

export const goldenColumns = [
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
