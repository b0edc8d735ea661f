import { rowsOf } from '@sqlflow/connector-contract';
import { readFileSync } from 'node:fs';
import { goldenColumns } from '../../test/goldens/golden-columns.js';
import { createRowDecoder } from './row-decoder.js';

function golden(name: string): Buffer {
  return readFileSync(new URL(`../../test/goldens/${name}`, import.meta.url));
}

const nulls = Object.fromEntries(goldenColumns.map(({ name }) => [name, null]));

test.each([
  ['data-row', 'types.rows.bin'],
  ['copy', 'types.copy.bin'],
] as const)('what a real server sent is what it meant, in %s framing', (framing, file) => {
  const decoder = createRowDecoder(goldenColumns, { framing });
  const batches = [...decoder.push(golden(file)), ...decoder.end()];
  expect(batches.flatMap((batch) => [...rowsOf(batch)])).toEqual([
    {
      a_bool: true,
      a_int2: -32_768,
      a_int4: 2_147_483_647,
      a_int8: -(2n ** 63n),
      a_float4: 1.5,
      a_float8: NaN,
      a_decimal: '1234.56',
      a_numeric: '-0.000012340',
      a_text: 'ä€😀',
      a_varchar: 'v',
      a_char: 'ab  ',
      a_bytea: Uint8Array.of(0, 255),
      a_date: '2024-02-29',
      a_timestamp: '2024-01-01T10:00:00.123456',
      a_timestamptz: '1969-12-31T23:59:59.999999Z',
      a_uuid: '6f2c1a4e-0001-4002-8003-0123456789ab',
      a_json: '{"a" : 1}',
      a_jsonb: '{"a": 1}',
    },
    {
      a_bool: false,
      a_int2: 0,
      a_int4: 0,
      a_int8: 0n,
      a_float4: Infinity,
      a_float8: -0,
      a_decimal: '-9999999999.99',
      a_numeric: 'NaN',
      a_text: '',
      a_varchar: '',
      a_char: '',
      a_bytea: new Uint8Array(),
      a_date: 'infinity',
      a_timestamp: '-infinity',
      a_timestamptz: 'infinity',
      a_uuid: '00000000-0000-0000-0000-000000000000',
      a_json: 'null',
      a_jsonb: 'null',
    },
    nulls,
  ]);
});
