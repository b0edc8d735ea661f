import { ConnectorError } from '@sqlflow/connector-contract';
import { type Data, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';

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
  const schema = new Schema(batch.schema.fields.slice(0, width));
  const type = new Struct(schema.fields);
  const children = batch.data.children.slice(0, width);
  const data: Data<Struct> = makeData({ type, length: batch.numRows, nullCount: 0, children });
  return {
    batch: new RecordBatch(schema, data),
    first: keys.map((key) => textAt(key, 0)),
    last: keys.map((key) => textAt(key, batch.numRows - 1)),
  };
}

/** Not by Arrow's own decoder, which drops a U+FEFF at the beginning of a text. */
function textAt({ values, valueOffsets }: Data, index: number): string {
  const bytes = values as Uint8Array;
  const offsets = valueOffsets as Int32Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
    offsets[index],
    offsets[index + 1],
  );
}
