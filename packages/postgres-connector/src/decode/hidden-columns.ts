import { type Data, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';

// Not Arrow's own, which takes a U+FEFF at the beginning of a text for the mark of an encoding, and drops it.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The texts of one row in the columns from `from` on, which are all Utf8. */
export function hiddenTexts(batch: RecordBatch, from: number, row: number): (string | null)[] {
  return batch.data.children.slice(from).map((data: Data) => {
    if (!data.getValid(row)) return null;
    const offsets = data.valueOffsets as Int32Array;
    return utf8.decode((data.values as Uint8Array).subarray(offsets[row], offsets[row + 1]));
  });
}

/** The batch with its first `count` columns only, over the same memory. */
export function withoutHidden(batch: RecordBatch, count: number): RecordBatch {
  const schema = new Schema(batch.schema.fields.slice(0, count));
  const children = batch.data.children.slice(0, count);
  const type = new Struct(schema.fields);
  const data: Data<Struct> = makeData({ type, length: batch.numRows, nullCount: 0, children });
  return new RecordBatch(schema, data);
}
