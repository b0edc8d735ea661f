import type { RecordBatch } from 'apache-arrow';
import type { StreamSpec } from '../source/source-fixture.js';
import { batchOf } from './batches.js';

const KiB = 2 ** 10;
const rowBytes = 16 * KiB;

/** Rows of a batch of 1 MiB. */
export const largeBatchRows = 64;

export function largeStream(name: string): StreamSpec {
  return {
    name,
    columns: [
      { name: 'id', kind: 'int64' },
      { name: 'body', kind: 'text' },
    ],
    key: [],
  };
}

/** Batches of 1 MiB each, made when they are asked for. */
export function* largeBatches(stream: Pick<StreamSpec, 'columns'>, count: number): Generator<RecordBatch> {
  for (let batch = 0; batch < count; batch += 1) {
    const rows = Array.from({ length: largeBatchRows }, (_, row) => {
      const id = BigInt(batch * largeBatchRows + row);
      return { id, body: `${id} `.padEnd(rowBytes, 'x') };
    });
    yield batchOf(stream, rows);
  }
}
