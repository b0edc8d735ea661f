import type { Data, DataType } from 'apache-arrow';
import { ByteStore } from './byte-store.js';
import { ColumnBuilder } from './column-builder.js';

/** A column of byte strings. */
export abstract class VariableWidthColumn extends ColumnBuilder {
  protected readonly store = new ByteStore();

  protected override grow(capacity: number): void {
    this.store.growRows(capacity, this.rows);
  }

  protected override toData(type: DataType, rows: number, nulls: number, bitmap?: Uint8Array): Data {
    return this.store.finish(type, rows, nulls, bitmap);
  }
}
