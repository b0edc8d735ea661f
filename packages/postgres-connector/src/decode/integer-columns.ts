import type { RowFields } from './column-builder.js';
import { FixedWidthColumn } from './fixed-width-column.js';

/** int2. */
export class Int16Column extends FixedWidthColumn<Int16Array> {
  protected override values = new Int16Array(0);

  protected override allocate(rows: number): Int16Array<ArrayBuffer> {
    return new Int16Array(rows);
  }

  protected override elements(rows: number): number {
    return rows;
  }

  protected override appendFields({ view, positions, columns, rows }: RowFields, column: number): void {
    const values = this.values;
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length === 2) values[row] = view.getInt16(position + 4);
      else this.markNullOrThrow(length, row);
    }
  }
}

/** int4 and, by its bits, float4. */
export class Int32Column extends FixedWidthColumn<Int32Array> {
  protected override values = new Int32Array(0);

  protected override allocate(rows: number): Int32Array<ArrayBuffer> {
    return new Int32Array(rows);
  }

  protected override elements(rows: number): number {
    return rows;
  }

  protected override appendFields({ view, positions, columns, rows }: RowFields, column: number): void {
    const values = this.values;
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length === 4) values[row] = view.getInt32(position + 4);
      else this.markNullOrThrow(length, row);
    }
  }
}

/** int8 and, by its bits, float8, as pairs of halves, low first: no BigInt is made of a value. */
export class Int64Column extends FixedWidthColumn<Int32Array> {
  protected override values = new Int32Array(0);

  protected override allocate(rows: number): Int32Array<ArrayBuffer> {
    return new Int32Array(2 * rows);
  }

  protected override elements(rows: number): number {
    return 2 * rows;
  }

  protected override appendFields({ view, positions, columns, rows }: RowFields, column: number): void {
    const halves = this.values;
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length === 8) {
        halves[2 * row + 1] = view.getInt32(position + 4);
        halves[2 * row] = view.getInt32(position + 8);
      } else this.markNullOrThrow(length, row);
    }
  }
}
