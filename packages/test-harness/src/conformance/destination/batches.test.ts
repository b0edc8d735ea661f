import { rowsOf } from '@sqlflow/connector-contract';
import fc from 'fast-check';
import { hostileNames } from '../hostile-names.js';
import { rowText } from '../rows-compare.js';
import { edgesOf } from '../source/edge-values.js';
import type { ColumnKind } from '../source/source-fixture.js';
import { batchesOf, batchOf } from './batches.js';
import { eventRows, eventStream } from './event-stream.js';
import { largeBatches, largeBatchRows, largeStream } from './large-batches.js';

const kinds: readonly ColumnKind[] = [
  ...(['boolean', 'int16', 'int32', 'int64', 'float32', 'float64', 'decimal', 'numeric'] as const),
  ...(['text', 'bytes', 'uuid', 'date', 'timestamp', 'timestamptz', 'json'] as const),
];

describe('batches of rows', () => {
  test.each(kinds)('give back every %s that went into them, at its edges too', (kind) => {
    const columns = [{ name: 'value', kind, isNullable: true }];
    const rows = edgesOf(kind).map((value) => ({ value }));
    expect([...rowsOf(batchOf({ columns }, rows))].map(rowText)).toEqual(rows.map(rowText));
  });

  test('give back any time between the years -9999 and 9999 to the microsecond', () => {
    const columns = [{ name: 'value', kind: 'timestamptz' }] as const;
    const time = fc
      .tuple(
        fc.date({ min: new Date('-009999-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        fc.nat(999),
      )
      .map(([date, micros]) => date.toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`));
    fc.assert(
      fc.property(fc.array(time), (times) => {
        const rows = times.map((value) => ({ value }));
        expect([...rowsOf(batchOf({ columns }, rows))]).toEqual(rows);
      }),
    );
  });

  test('keep the names of columns, whatever they are', () => {
    const columns = hostileNames.map((name) => ({ name, kind: 'text' }) as const);
    const row = Object.fromEntries(hostileNames.map((name) => [name, name]));
    expect([...rowsOf(batchOf({ columns }, [row]))].map(rowText)).toEqual([rowText(row)]);
  });

  test('have as many rows as asked for, and the last one what is left', () => {
    const stream = eventStream('event');
    expect(batchesOf(stream, eventRows(1, 10), 4).map(({ numRows }) => numRows)).toEqual([4, 4, 2]);
    expect(batchesOf(stream, [], 4)).toEqual([]);
  });

  test('are of 1 MiB and differ from one another, if they are to be large', () => {
    const batches = [...largeBatches(largeStream('large'), 2)];
    const rows = batches.flatMap((batch) => [...rowsOf(batch)]);
    expect(rows).toHaveLength(2 * largeBatchRows);
    expect(new Set(rows.map(rowText)).size).toBe(rows.length);
    expect(rows.reduce((bytes, { body }) => bytes + String(body).length, 0)).toBe(2 * 2 ** 20);
  });
});
