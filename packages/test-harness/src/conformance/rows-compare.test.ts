import type { Row } from '@sqlflow/connector-contract';
import fc from 'fast-check';
import { compareRows, requireRows } from './rows-compare.js';

const value = fc.oneof(
  fc.constantFrom(null, true, NaN, 0, -0, Infinity, '', '1', 'null', 1n, 1, new Uint8Array([1])),
  fc.string(),
  fc.bigInt(),
  fc.double(),
);
const rows = fc.array(fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), value), { maxLength: 20 });

describe('rows that came and rows that must', () => {
  test('are the same in any order', () => {
    fc.assert(
      fc.property(rows, (all: Row[]) => {
        expect(compareRows(all.toReversed(), all)).toEqual({ lost: [], repeated: [], strange: [] });
      }),
    );
  });

  test('differ by each row that is missing or comes once more', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (all: Row[], pick) => {
        fc.pre(all.length > 0);
        const one = all[pick % all.length]!;
        expect(compareRows(all.toSpliced(pick % all.length, 1), all)).toMatchObject({
          lost: [expect.any(String)],
        });
        expect(compareRows([...all, one], all)).toMatchObject({ lost: [], repeated: [expect.any(String)] });
      }),
    );
  });

  test.each([
    [0, -0],
    [1, 1n],
    [1n, '1'],
    [null, 'null'],
    ['1', 1],
    [new Uint8Array([1]), '01'],
    [undefined, null],
  ])('tell %p from %p', (one, other) => {
    expect(compareRows([{ a: one }], [{ a: other }])).toMatchObject({ strange: [expect.any(String)] });
  });

  test('are told by number and by the first of them', () => {
    const expected = [1, 2, 3, 4, 5].map((id) => ({ id }));
    expect(() => requireRows([{ id: 1 }, { id: 1 }, { id: 9 }], expected, 'a read')).toThrow(
      'a read: 4 rows lost, such as {id: 2}, {id: 3}, {id: 4}; ' +
        '1 rows given more often than once, such as {id: 1}; 1 rows given that were not to come, such as {id: 9}',
    );
  });
});
