import { exactRows } from '../../test/exact-values.js';
import * as wire from '../../test/wire-encoder.js';
import { createRowDecoder } from './row-decoder.js';

const int32Max = 2 ** 31 - 1;
const int32Min = -(2 ** 31);
const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

function read(...fields: readonly Buffer[]): unknown[] {
  const decoder = createRowDecoder([wire.column('x', 'interval')], { framing: 'data-row' });
  const batches = [...decoder.push(wire.dataRows(fields.map((field) => [field]))), ...decoder.end()];
  return exactRows(batches).map(({ x }) => x);
}

test.each([0n, 1n, -1n, 4_294_967_295n, -4_294_967_297n, 9_223_372_036_854_775n, -9_223_372_036_854_775n])(
  'an interval of %d microseconds is exact in nanoseconds',
  (microseconds) => {
    expect(read(wire.interval(-13, int32Max, microseconds))).toEqual([
      { months: -13, days: int32Max, nanoseconds: microseconds * 1000n },
    ]);
  },
);

test.each([9_223_372_036_854_776n, -9_223_372_036_854_776n, int64Max, int64Min])(
  'an interval of %d microseconds is refused by the name of its column',
  (microseconds) => {
    expect(() => read(wire.interval(0, 0, microseconds))).toThrow(/^\[invalid-data\] column "x" holds/);
  },
);

test('an infinite interval has the ends of months, days and nanoseconds', () => {
  expect(
    read(wire.interval(int32Max, int32Max, int64Max), wire.interval(int32Min, int32Min, int64Min)),
  ).toEqual([
    { months: int32Max, days: int32Max, nanoseconds: int64Max },
    { months: int32Min, days: int32Min, nanoseconds: int64Min },
  ]);
});
