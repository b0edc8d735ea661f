import type { ColumnKind } from './source-fixture.js';

const MiB = 2 ** 20;

/** Every code point that a text can hold, but for NUL, in pieces of some thousand. */
function allOfUnicode(): string[] {
  const pieces: string[] = [];
  const points = 8192;
  for (let start = 0; start <= 0x10ffff; start += points) {
    let piece = '';
    for (let point = Math.max(1, start); point < start + points; point++) {
      if (point < 0xd800 || point > 0xdfff) piece += String.fromCodePoint(point);
    }
    pieces.push(piece);
  }
  return pieces.filter((piece) => piece !== '');
}

/**
 * The values at which a type is lost elsewhere, as `rows()` gives them: least and most, what is no number, the empty, the
 * long, and what a JavaScript number or Date cannot hold. NULL is among all of them.
 */
const edges: Readonly<Record<ColumnKind, () => readonly unknown[]>> = {
  boolean: () => [true, false],
  int16: () => [-32_768, -1, 0, 1, 32_767],
  int32: () => [-2_147_483_648, -1, 0, 1, 2_147_483_647],
  int64: () => [-(2n ** 63n), -(2n ** 53n) - 1n, -1n, 0n, 1n, 2n ** 53n + 1n, 2n ** 63n - 1n],
  float32: () => [
    ...[NaN, Infinity, -Infinity, 0, -0, 1.5],
    ...[Math.fround(3.4028234663852886e38), Math.fround(1.401298464324817e-45), Math.fround(0.1)],
  ],
  float64: () => [NaN, Infinity, -Infinity, 0, -0, 0.1, Number.MAX_VALUE, Number.MIN_VALUE, Number.EPSILON],
  decimal: () => [
    ...['0.000000000', '-0.000000001', '0.100000000', '1.000000000'],
    ...[`${'9'.repeat(29)}.${'9'.repeat(9)}`, `-${'9'.repeat(29)}.${'9'.repeat(9)}`],
  ],
  numeric: () => [
    ...['0', '-1', '0.1', '1.10', '1000000', 'NaN', 'Infinity', '-Infinity'],
    ...['9'.repeat(1000), `-0.${'0'.repeat(998)}1`, `${'1234567890'.repeat(50)}.${'0987654321'.repeat(50)}`],
  ],
  text: () => [
    ...['', ' ', ' both sides ', 'NULL', 'null', '\\N', '\n', '\r\n', '\t', '\\', '"', "'"],
    ...[
      '\u0001',
      '\ufeff',
      '\u2028',
      'e\u0301',
      '\u{1f469}\u200d\u{1f680}',
      'x'.repeat(MiB),
      '€'.repeat(MiB / 4),
    ],
    ...allOfUnicode(),
  ],
  bytes: () => [
    ...[new Uint8Array(0), Uint8Array.of(0), Uint8Array.from({ length: 256 }, (_, byte) => byte)],
    new Uint8Array(MiB).fill(0xff),
  ],
  uuid: () => [
    ...['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    '6f2c1a4e-8d3b-4c5d-9e6f-0a1b2c3d4e5f',
  ],
  date: () => [
    ...['1970-01-01', '1969-12-31', '2000-02-29', '1900-02-28', '0001-01-01', '9999-12-31', '+010000-01-01'],
    ...['-000043-03-15', '0000-12-31', 'infinity', '-infinity'],
  ],
  timestamp: () => stamps(''),
  timestamptz: () => stamps('Z'),
  json: () => ['{}', '[]', 'null', '""', '0', '{"a": [1, {"b": "ü"}]}', '12345678901234567890.123456789'],
};

function stamps(zone: string): readonly unknown[] {
  const times = [
    ...['1970-01-01T00:00:00.000000', '1969-12-31T23:59:59.999999', '2024-01-31T10:00:00.123456'],
    ...['2024-01-31T10:00:00.000001', '0001-01-01T00:00:00.000000', '9999-12-31T23:59:59.999999'],
    ...['+010000-01-01T00:00:00.000000', '-000043-03-15T12:00:00.500000'],
  ];
  return [...times.map((time) => `${time}${zone}`), 'infinity', '-infinity'];
}

export function edgesOf(kind: ColumnKind): readonly unknown[] {
  return [...edges[kind](), null];
}
