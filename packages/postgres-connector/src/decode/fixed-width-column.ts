import { type Data, type DataType, makeData } from 'apache-arrow';
import { ColumnBuilder } from './column-builder.js';

type Values = Int16Array | Int32Array | Uint8Array;

/** A column whose values take the same memory each. Arrow looks at that memory as its type demands, without a copy. */
export abstract class FixedWidthColumn<T extends Values> extends ColumnBuilder {
  protected abstract values: T;

  /** Memory for `rows` rows, all zero. */
  protected abstract allocate(rows: number): T;

  /** Elements of `values` that `rows` rows take. */
  protected abstract elements(rows: number): number;

  protected override grow(capacity: number): void {
    const values = this.allocate(capacity);
    if (this.rows > 0) values.set(this.values.subarray(0, this.elements(this.rows)));
    this.values = values;
  }

  protected override toData(
    type: DataType,
    length: number,
    nullCount: number,
    nullBitmap?: Uint8Array,
  ): Data {
    const data = this.values.subarray(0, this.elements(length));
    return makeData({ type, length, nullCount, nullBitmap, data } as Parameters<typeof makeData>[0]);
  }
}
