import { type DataType, Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';

export interface Column {
  readonly name?: string;
  readonly type: DataType;
  readonly length: number;
  readonly metadata?: Record<string, string>;
  readonly [property: string]: unknown;
}

/** A batch of columns that are given as `makeData` takes them; a column without a name is `x`. */
export function batchOf(...columns: Column[]): RecordBatch {
  const fields = columns.map(
    ({ name = 'x', type, metadata = {} }) => new Field(name, type, true, new Map(Object.entries(metadata))),
  );
  const children = columns.map((column) => makeData(column as unknown as Parameters<typeof makeData>[0]));
  const length = columns[0]?.length ?? 0;
  return new RecordBatch(
    new Schema(fields),
    makeData({ type: new Struct(fields), length, nullCount: 0, children }),
  );
}
