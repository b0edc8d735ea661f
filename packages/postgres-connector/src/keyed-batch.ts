import { ConnectorError } from '@sqlflow/connector-contract';
import type { RecordBatch } from 'apache-arrow';
import { hiddenTexts, withoutHidden } from './decode/hidden-columns.js';

/** A batch, and the keys of its first and last row. */
export interface KeyedBatch {
  readonly batch: RecordBatch;
  readonly first: readonly string[];
  readonly last: readonly string[];
}

/**
 * Takes the key off a batch, whose last columns it is, as text.
 *
 * @throws ConnectorError `invalid-data` if a row has null in its key.
 */
export function splitKey(batch: RecordBatch, keyColumns: number): KeyedBatch {
  const width = batch.schema.fields.length - keyColumns;
  const keys = batch.data.children.slice(width);
  if (keys.some(({ nullCount }) => nullCount > 0)) {
    throw new ConnectorError('invalid-data', 'a row has null in a column of its key (option "key")', {
      kind: 'terminal',
      effect: 'none',
    });
  }
  return {
    batch: withoutHidden(batch, width),
    first: hiddenTexts(batch, width, 0).map(String),
    last: hiddenTexts(batch, width, batch.numRows - 1).map(String),
  };
}
