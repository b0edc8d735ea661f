import { rowsOf } from '@sqlflow/connector-contract';
import type { RecordBatch } from 'apache-arrow';
import { readFileSync } from 'node:fs';
import { exactRows } from '../../test/exact-values.js';
import { type Golden, nestedTypes, types } from '../../test/goldens/golden-columns.js';
import { createRowDecoder } from './row-decoder.js';

function bytesOf(name: string, framing: 'data-row' | 'copy'): Buffer {
  const file = `${name}.${framing === 'copy' ? 'copy' : 'rows'}.bin`;
  return readFileSync(new URL(`../../test/goldens/${file}`, import.meta.url));
}

function batchesOf({ name, columns }: Golden, framing: 'data-row' | 'copy'): RecordBatch[] {
  const decoder = createRowDecoder(columns, { framing });
  return [...decoder.push(bytesOf(name, framing)), ...decoder.end()];
}

function nullsOf({ columns }: Golden): Record<string, null> {
  return Object.fromEntries(columns.map(({ name }) => [name, null]));
}

describe.each(['data-row', 'copy'] as const)(
  'what a real server sent in %s framing is what it meant',
  (framing) => {
    test('for the types without parts', () => {
      expect(batchesOf(types, framing).flatMap((batch) => [...rowsOf(batch)])).toEqual([
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
        nullsOf(types),
      ]);
    });

    test('for times and types made of others', () => {
      const noBounds = { lower: null, upper: null, lowerInclusive: false, upperInclusive: false };
      expect(exactRows(batchesOf(nestedTypes, framing))).toEqual([
        {
          a_time: 36_000_000_001n,
          a_interval: { months: -1, days: 2, nanoseconds: -1000n },
          a_oid: 4_294_967_295,
          a_xid8: 2n ** 64n - 1n,
          a_char: 'x',
          ints: [1, null, 3],
          decimals: [150n, null],
          texts: ['a b', null, ''],
          a_record: { f1: 1, f2: 'a' },
          records: [{ f1: 1, f2: null }, null],
          a_range: { lower: 1, upper: 5, lowerInclusive: true, upperInclusive: false, isEmpty: false },
          ranges: [
            { ...noBounds, upper: '1.5', upperInclusive: true, isEmpty: false },
            { ...noBounds, lower: '3.25', lowerInclusive: true, isEmpty: false },
          ],
        },
        {
          a_time: 86_400_000_000n,
          a_interval: { months: 0, days: 0, nanoseconds: 0n },
          a_oid: 0,
          a_xid8: 0n,
          a_char: '',
          ints: [],
          decimals: [],
          texts: [],
          a_record: { f1: null, f2: '' },
          records: [],
          a_range: { ...noBounds, isEmpty: true },
          ranges: [],
        },
        {
          a_time: 0n,
          a_interval: { months: 2_136_000_000, days: 0, nanoseconds: 0n },
          a_oid: 1,
          a_xid8: 1n,
          a_char: '\\303',
          ints: [null],
          decimals: [-99_999n],
          texts: ['ä€😀'],
          a_record: { f1: 2, f2: 'b' },
          records: [{ f1: null, f2: 'c' }],
          a_range: { ...noBounds, isEmpty: false },
          ranges: [{ ...noBounds, isEmpty: false }],
        },
        nullsOf(nestedTypes),
      ]);
    });
  },
);

test.each([types, nestedTypes])('it is read alike wherever it is cut: $name', ({ name, columns }) => {
  const bytes = bytesOf(name, 'data-row');
  const read = (...chunks: readonly Uint8Array[]): unknown => {
    const decoder = createRowDecoder(columns, { framing: 'data-row' });
    return exactRows([...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()]);
  };
  const whole = read(bytes);
  for (let at = 1; at < bytes.length; at++) {
    expect(read(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
  }
});
