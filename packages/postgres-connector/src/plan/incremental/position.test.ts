import { ConnectorError } from '@sqlflow/connector-contract';
import fc from 'fast-check';
import type { Lapse } from './commit-guarantee.js';
import {
  afterPass,
  fromCheckpoint,
  type IncrementalScope,
  type Position,
  toCheckpoint,
  type VersionPosition,
} from './position.js';
import type { TransactionSet } from './transaction-set.js';

const scope: IncrementalScope = {
  namespace: 'public',
  name: 'event',
  cursorField: 'at',
  key: ['id'],
  nullCursors: 'include-first',
  filter: '',
  system: '7713229777406123582',
  database: 'app',
};

const set = fc
  .record({
    low: fc.bigInt(3n, 2n ** 63n),
    gaps: fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 })), {
      maxLength: 80,
    }),
  })
  .map(({ low, gaps }) => {
    let next = low;
    const running = gaps.map(([count, gap]): readonly [bigint, number] => {
      const first = next;
      next += BigInt(count + gap);
      return [first, count];
    });
    return { below: next, running, at: '2024-01-31 10:00:00.123456+00' };
  });
const orNull = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(some);
const rowPosition = fc.record({
  cursor: orNull(fc.string()),
  key: fc.array(orNull(fc.string()), { maxLength: 3 }),
});
const lapses = orNull(
  fc.oneof(
    fc.record({ kind: fc.constant('lag' as const), lagMs: fc.integer({ min: 1 }) }),
    fc.record({ kind: fc.constant('none' as const), because: fc.string() }),
  ),
);
const ago = orNull(fc.record({ at: fc.string(), lessMs: fc.integer({ min: 0 }) }));
const position: fc.Arbitrary<Position> = fc.oneof(
  fc.record({ by: fc.constant('cursor' as const), last: orNull(rowPosition), lapse: lapses }),
  fc.record({
    by: fc.constant('versions' as const),
    through: orNull(set),
    split: orNull(fc.record({ at: fc.string(), isFinal: fc.boolean(), beyond: orNull(set) })),
    pass: orNull(
      fc.record({
        through: set,
        until: orNull(fc.string()),
        isFinal: fc.boolean(),
        from: ago,
        settled: ago,
        last: orNull(rowPosition),
      }),
    ),
    lapse: lapses,
  }),
);

test('a position comes back from JSON as it was', () => {
  fc.assert(
    fc.property(position, (given) => {
      const stored: unknown = JSON.parse(JSON.stringify(toCheckpoint(scope, given)));
      expect(fromCheckpoint(stored as ReturnType<typeof toCheckpoint>, scope)).toEqual(given);
    }),
  );
});

test('a checkpoint is no longer than 4096 bytes with as many running transactions as there can be', () => {
  const many = {
    below: 2n ** 63n,
    running: Array.from({ length: 80 }, (_, index): readonly [bigint, number] => {
      return [2n ** 63n - 1_000_000n + BigInt(9999 * index), 1];
    }),
    at: '2024-01-31 10:00:00.123456+00',
  };
  const pass = {
    through: many,
    until: many.at,
    isFinal: true,
    from: { at: many.at, lessMs: 10_000 },
    settled: { at: many.at, lessMs: 10_000 },
    last: { cursor: many.at, key: ['f81d4fae-7dec-11d0-a765-00a0c91e6bf6', '9223372036854775807'] },
  };
  const full: Position = {
    by: 'versions',
    through: many,
    split: { at: many.at, isFinal: true, beyond: many },
    pass,
    lapse: { kind: 'none', because: 'the server is a standby, which does not tell what runs on its primary' },
  };
  expect(JSON.stringify(toCheckpoint(scope, full)).length).toBeLessThan(4096);
});

test.each<[Partial<Record<'format' | 'version' | 'position', unknown>>, string]>([
  [
    { format: 'postgres/full' },
    'it is of format "postgres/full", version 1; it must be of postgres/incremental, version 1',
  ],
  [{ version: 2 }, 'version 2'],
  [{ position: {} }, 'its position is not one that was written here'],
  [{ position: null }, 'its position is not one that was written here'],
  [
    { position: { scope, position: { by: 'cursor', last: { cursor: 'a', key: [1] }, lapse: null } } },
    'its position',
  ],
  [
    { position: { scope, position: { by: 'versions', through: { below: '1; DROP TABLE event' } } } },
    'its position',
  ],
  [
    { position: { scope: { ...scope, name: 'other' }, position: { by: 'cursor', last: null, lapse: null } } },
    'it is of name "other"',
  ],
  [
    { position: { scope: { ...scope, filter: 'x' }, position: { by: 'cursor', last: null, lapse: null } } },
    'another filter',
  ],
])('a checkpoint %j is refused', (changes, message) => {
  const checkpoint = { ...toCheckpoint(scope, { by: 'cursor', last: null, lapse: null }), ...changes };
  const refusal = (): unknown => fromCheckpoint(checkpoint as ReturnType<typeof toCheckpoint>, scope);
  expect(refusal).toThrow(ConnectorError);
  expect(refusal).toThrow(message);
});

test('the end of a pass is where the next one begins', () => {
  const first: TransactionSet = { below: 9n, running: [], at: 'then' };
  const second: TransactionSet = { below: 20n, running: [], at: 'now' };
  const last = { cursor: 'a', key: [] };
  const begun = { through: second, until: null, isFinal: false, from: null, settled: null, last };
  const lapse: Lapse = { kind: 'lag', lagMs: 1000 };
  const before: VersionPosition = { by: 'versions', through: first, split: null, pass: begun, lapse };
  expect(afterPass(before)).toEqual({ by: 'versions', through: second, split: null, pass: null, lapse });
  // What a pass leaves out stands as it stood before.
  const left = afterPass({ ...before, pass: { ...begun, until: 'x', isFinal: true } });
  expect(left.split).toEqual({ at: 'x', isFinal: true, beyond: first });
  expect(afterPass({ ...left, pass: { ...begun, until: 'y' } }).split).toEqual({
    at: 'y',
    isFinal: false,
    beyond: first,
  });
});
