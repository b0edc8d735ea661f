import type { RowFields } from './column-builder.js';
import { FixedWidthColumn } from './fixed-width-column.js';

/** bool: one bit a row. */
export class BooleanColumn extends FixedWidthColumn<Uint8Array> {
  protected override values = new Uint8Array(0);

  protected override allocate(rows: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.elements(rows));
  }

  protected override elements(rows: number): number {
    return (rows + 7) >> 3;
  }

  protected override appendFields(fields: RowFields, column: number): void {
    const { bytes, view, positions, columns, rows } = fields;
    const bits = this.values;
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length !== 1) this.markNullOrThrow(length, row);
      else if (bytes[position + 4] !== 0) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
    }
  }
}
