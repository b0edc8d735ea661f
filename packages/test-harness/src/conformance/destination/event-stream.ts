import type { Row } from '@sqlflow/connector-contract';
import type { StreamSpec } from '../source/source-fixture.js';

/** A stream as there are many. One without a key takes a row twice. */
export function eventStream(name: string, key: readonly string[] = ['id']): StreamSpec {
  return {
    name,
    columns: [
      { name: 'id', kind: 'int64' },
      { name: 'name', kind: 'text', isNullable: true },
      { name: 'at', kind: 'timestamptz' },
    ],
    key,
  };
}

/** Rows of it with the keys from `first` to `last`, both included. Those of another `what` are other rows with the same keys. */
export function eventRows(first: number, last: number, what = 'event'): Row[] {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const id = first + index;
    return {
      id: BigInt(id),
      name: id % 7 === 6 ? null : `${what} ${id}`,
      at: `2024-01-31T10:00:00.${String(id % 3).padStart(6, '0')}Z`,
    };
  });
}
