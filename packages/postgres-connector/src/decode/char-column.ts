import type { RowFields } from './column-builder.js';
import { VariableWidthColumn } from './variable-width-column.js';

const backslash = 0x5c;
const zero = 0x30;

/** "char": one byte, which is text as PostgreSQL 15 and newer print it: nothing for 0, `\ooo` for what is not ASCII. */
export class CharColumn extends VariableWidthColumn {
  protected override appendFields({ view, positions, columns, rows }: RowFields, column: number): void {
    const store = this.store;
    let byte = 0;
    const write = (target: Uint8Array, start: number): number => writeChar(byte, target, start);
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length !== 1) {
        this.markNullOrThrow(length, row);
        store.skip(row);
      } else {
        byte = view.getUint8(position + 4);
        store.write(row, 4, write);
      }
    }
  }
}

function writeChar(byte: number, target: Uint8Array, start: number): number {
  if (byte === 0) return start;
  if (byte < 0x80) {
    target[start] = byte;
    return start + 1;
  }
  target[start] = backslash;
  target[start + 1] = zero + (byte >> 6);
  target[start + 2] = zero + ((byte >> 3) & 7);
  target[start + 3] = zero + (byte & 7);
  return start + 4;
}
