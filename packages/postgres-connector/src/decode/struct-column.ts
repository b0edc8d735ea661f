import { type Data, type DataType, type Field, makeData } from 'apache-arrow';
import { ColumnBuilder } from './column-builder.js';
import { PartRun } from './part-run.js';

/** A column of several parts a value, each in a column of its own. */
export abstract class StructColumn extends ColumnBuilder {
  protected readonly parts: readonly PartRun[];

  constructor(field: Field, parts: readonly ColumnBuilder[]) {
    super(field);
    this.parts = parts.map((part) => new PartRun(part));
  }

  // The parts grow on their own.
  protected override grow(): void {}

  protected override toData(
    type: DataType,
    length: number,
    nullCount: number,
    nullBitmap?: Uint8Array,
  ): Data {
    const children = this.parts.map((part) => part.finish());
    return makeData({ type, length, nullCount, nullBitmap, children } as Parameters<typeof makeData>[0]);
  }
}
