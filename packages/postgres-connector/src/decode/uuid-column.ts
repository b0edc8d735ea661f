import type { RowFields } from './column-builder.js';
import { FixedWidthColumn } from './fixed-width-column.js';

/** uuid: its sixteen bytes in the order in which it is written. */
export class UuidColumn extends FixedWidthColumn<Uint8Array> {
  protected override values = new Uint8Array(0);

  protected override allocate(rows: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(16 * rows);
  }

  protected override elements(rows: number): number {
    return 16 * rows;
  }

  protected override appendFields({ view, positions, columns, rows }: RowFields, column: number): void {
    const target = new DataView(this.values.buffer);
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length === 16) {
        for (let byte = 0; byte < 16; byte += 4) {
          target.setInt32(16 * row + byte, view.getInt32(position + 4 + byte));
        }
      } else this.markNullOrThrow(length, row);
    }
  }
}
