import { date, int32, timestamp } from '../../test/wire-encoder.js';
import { Output } from './output.js';
import { RefusedValue } from './refused-value.js';
import { oids } from './target-type.js';
import { valueWriter } from './value-writers.js';

function bytesOf(type: keyof typeof oids, value: unknown): Buffer {
  const output = new Output(4);
  valueWriter({ typeOid: oids[type], isEnum: false })?.(output, value);
  return Buffer.from(output.written().subarray(4));
}

test.each([
  ['int2', 32_768],
  ['int2', 1.5],
  ['int4', 2 ** 31],
  ['int4', 2n ** 40n],
  ['int4', NaN],
  ['int8', 2n ** 63n],
  ['int8', 2 ** 53],
  ['int8', '1'],
  ['float4', 1e300],
  ['float8', 1n],
  ['bool', 1],
  ['numeric', true],
  ['text', 5],
  ['text', '\ud800'],
  ['text', `${'x'.repeat(50)}\udc00`],
  ['bytea', 'abc'],
  ['uuid', '6f2c1a4e8d3b4c5d9e6f0a1b2c3d4e5f'],
  ['uuid', new Uint8Array(15)],
  ['date', '2023-02-29'],
  ['date', '2024-13-01'],
  ['date', '2024-01-31T00:00:00'],
  ['date', 19_000],
  ['timestamp', '2024-01-31T10:00:00Z'],
  ['timestamp', '2024-01-31'],
  ['timestamp', '2024-01-31T24:00:00.000000'],
  ['timestamp', '2024-01-31T10:00:00.0000001'],
  ['timestamptz', '2024-01-31T10:00:00.123456'],
  ['timestamptz', '2024-02-30T10:00:00.123456Z'],
  ['timestamptz', '+294248-01-01T00:00:00.000000Z'],
  ['time', '24:00:01'],
  ['time', '10:60:00'],
  ['jsonb', 1n],
] as const)('%s refuses %p', (type, value) => {
  expect(() => bytesOf(type, value)).toThrow(RefusedValue);
});

test.each([
  ['date', '0000-12-31', date(-719_163)],
  ['date', '-000043-03-15', date(-735_160)],
  ['date', 'infinity', int32(0x7fff_ffff)],
  ['timestamp', '1970-01-01 00:00:00.5', timestamp(500_000n)],
  ['timestamp', '1969-12-31T23:59:59.999999', timestamp(-1n)],
  ['timestamptz', '1970-01-02T00:00Z', timestamp(86_400_000_000n)],
  ['timestamptz', new Date(1), timestamp(1000n)],
  ['timestamptz', '+294247-01-10T04:00:54.775806Z', timestamp(2n ** 63n - 2n)],
] as const)('%s takes %s', (type, value, bytes) => {
  expect(bytesOf(type, value)).toEqual(bytes);
});

test('arrays have dimensions and NULLs, and rows of one length', () => {
  const write = valueWriter({
    typeOid: 1007,
    isEnum: false,
    element: { typeOid: oids.int4, isEnum: false },
  })!;
  const bytes = (value: unknown): Buffer => {
    const output = new Output(4);
    write(output, value);
    return Buffer.from(output.written());
  };
  const field = (...words: number[]): Buffer => {
    const payload = Buffer.concat(words.map(int32));
    return Buffer.concat([int32(payload.length), payload]);
  };
  expect(bytes([])).toEqual(field(0, 0, oids.int4));
  expect(bytes([[], []])).toEqual(field(0, 0, oids.int4));
  expect(bytes([7, null])).toEqual(field(1, 1, oids.int4, 2, 1, 4, 7, -1));
  expect(bytes([[1], [2]])).toEqual(field(2, 0, oids.int4, 2, 1, 1, 1, 4, 1, 4, 2));
  for (const ragged of [[[1], [2, 3]], [[1], 2], [1, [2]], 'x'])
    expect(() => bytes(ragged)).toThrow(RefusedValue);
});
