import {
  resolvePartition,
  resolvePartitionOptions,
  resolveReadOptions,
  resolveResumableOptions,
  resolveStreamName,
  toPartition,
} from './read-options.js';

test('the options of a read and the name of a stream are checked in the same way', () => {
  expect(resolveReadOptions({})).toEqual({ batchRows: 8192, filter: [] });
  expect(() => resolveReadOptions({ batchRows: 0 })).toThrow(
    'read option "batchRows" is 0; it must be a whole number',
  );
  expect(() => resolveReadOptions({ columns: ['a\0'] })).toThrow('read option "columns.0"');
  expect(() => resolveReadOptions({ rows: 1 } as object)).toThrow('read option "rows" is unknown');
  expect(() => resolveReadOptions({ signal: {} as AbortSignal })).toThrow('it must be an AbortSignal');
  expect(resolveStreamName({ name: 'x"; DROP' })).toEqual({ name: 'x"; DROP' });
  const discovered = { namespace: 'a', name: 'b', primaryKey: ['id'] };
  expect(resolveStreamName(discovered)).toEqual({ namespace: 'a', name: 'b' });
  expect(() => resolveStreamName({ namespace: 5 as never, name: 'a' })).toThrow(
    'stream "namespace" is 5; it must be a text',
  );
  expect(() => resolveStreamName({ name: '' })).toThrow('stream "name" is ""');
});

test('a condition is checked before anything is connected to', () => {
  const filter = (condition: object) => () => resolveReadOptions({ filter: [condition as never] });
  expect(filter({ column: 'a', op: '~', value: 1 })).toThrow(
    'read option "filter.0.op" is "~"; it must be one of =, !=, <',
  );
  expect(filter({ column: 'a', op: '=', values: [1] })).toThrow('read option "filter.0.values" is unknown');
  expect(filter({ op: 'is-null' })).toThrow('read option "filter.0.column" is missing');
  expect(() => resolveReadOptions({ filter: "a = 'b'" as never })).toThrow('it must be a list of conditions');
});

test('a checkpoint must look like one, and a snapshot and the count of slices too', () => {
  expect(() => resolveResumableOptions({ checkpoint: {} as never })).toThrow('it must be a checkpoint');
  expect(() => resolveResumableOptions({ key: [] })).toThrow('at least one column');
  expect(() => resolveResumableOptions({ snapshot: "0'; DROP TABLE t; --" })).toThrow(
    'read option "snapshot"',
  );
  expect(() => resolvePartitionOptions(0, {})).toThrow('"count" is 0; it must be a whole number from 1');
});

const stream = { namespace: 'a', name: 'b' };
const snapshot = '00000003-0000001B-1/750:752:751';

test('a partition goes through JSON unchanged', () => {
  for (const slice of [
    { blocks: [{ ...stream, from: 1, to: 2 }] },
    { key: { column: 'c', to: 'x' } },
    { whole: true } as const,
  ]) {
    const json = JSON.stringify(toPartition(stream, snapshot, slice));
    expect(resolvePartition(JSON.parse(json) as never)).toEqual({ stream, snapshot, slice });
  }
});

test.each([
  ['of another format', { format: 'csv/partition' }, 'it must be "postgres/partition"'],
  ['of another version', { version: 2 }, 'it must be 1, the one that is known here'],
  ['whose snapshot is SQL', { slice: { snapshot: "'; DROP", of: { whole: true } } }, '"slice.snapshot"'],
  [
    'whose block is SQL',
    { slice: { snapshot, of: { blocks: [{ ...stream, to: '1; DROP' }] } } },
    '"slice.of"',
  ],
  ['of two kinds', { slice: { snapshot, of: { whole: true, key: { column: 'c' } } } }, '"slice.of"'],
])('a partition %s is refused', (_what, changes, message) => {
  const partition = { ...toPartition(stream, snapshot, { whole: true }), ...changes };
  expect(() => resolvePartition(partition as never)).toThrow(message);
});
