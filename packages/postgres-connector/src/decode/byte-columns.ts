import type { RowFields } from './column-builder.js';
import { protocolViolation } from './decode-error.js';
import { VariableWidthColumn } from './variable-width-column.js';

/** text, varchar, char, name, json and bytea: the bytes as they are. */
export class BytesColumn extends VariableWidthColumn {
  protected override appendFields(fields: RowFields, column: number): void {
    const { bytes, view, positions, columns, rows } = fields;
    const store = this.store;
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length >= 0) store.copy(row, bytes, view, position + 4, length);
      else {
        this.markNull(row);
        store.skip(row);
      }
    }
  }
}

/** jsonb: a version number, which has been 1 since there is jsonb, and the text. */
export class JsonbColumn extends VariableWidthColumn {
  protected override appendFields(fields: RowFields, column: number): void {
    const { bytes, view, positions, columns, rows } = fields;
    const store = this.store;
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length < 1) {
        this.markNullOrThrow(length, row);
        store.skip(row);
      } else if (bytes[position + 4] === 1) store.copy(row, bytes, view, position + 5, length - 1);
      else throw protocolViolation(`column "${this.field.name}" has jsonb of a version other than 1`);
    }
  }
}
