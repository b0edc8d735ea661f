import type { RowFields } from './column-builder.js';
import { protocolViolation, unrepresentable } from './decode-error.js';
import { FixedWidthColumn } from './fixed-width-column.js';

/** PostgreSQL counts from 2000-01-01, Arrow from 1970-01-01. */
const epochDays = 10_957;
const epochMicroseconds = epochDays * 86_400_000_000;
const epochHigh = Math.floor(epochMicroseconds / 2 ** 32);
const epochLow = epochMicroseconds % 2 ** 32;
const int32Max = 0x7fff_ffff;
const int32Min = -0x8000_0000;

/** date: days, where the ends of int32 stand for ±infinity on both sides. */
export class DateColumn extends FixedWidthColumn<Int32Array> {
  protected override values = new Int32Array(0);

  protected override allocate(rows: number): Int32Array<ArrayBuffer> {
    return new Int32Array(rows);
  }

  protected override elements(rows: number): number {
    return rows;
  }

  protected override appendFields({ view, positions, columns, rows }: RowFields, column: number): void {
    const days = this.values;
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length !== 4) {
        this.markNullOrThrow(length, row);
        continue;
      }
      const day = view.getInt32(position + 4);
      if (day === int32Max || day === int32Min) days[row] = day;
      else if (day + epochDays < int32Max) days[row] = day + epochDays;
      else throw protocolViolation(`column "${this.field.name}" has a date past the last one there is`);
    }
  }
}

/** timestamp and timestamptz: microseconds, where the ends of int64 stand for ±infinity on both sides. */
export class TimestampColumn extends FixedWidthColumn<Int32Array> {
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
      if (length !== 8) {
        this.markNullOrThrow(length, row);
        continue;
      }
      let high = view.getInt32(position + 4);
      let low = view.getUint32(position + 8);
      if (!((high === int32Max && low === 0xffff_ffff) || (high === int32Min && low === 0))) {
        low += epochLow;
        high += epochHigh;
        if (low >= 2 ** 32) {
          low -= 2 ** 32;
          high++;
        }
        if (high >= int32Max && (high > int32Max || low === 0xffff_ffff)) throw this.#tooLate();
      }
      halves[2 * row] = low;
      halves[2 * row + 1] = high;
    }
  }

  /** PostgreSQL's range, counted from 2000, ends in 294276; int64 counted from 1970 ends thirty years sooner. */
  #tooLate(): Error {
    return unrepresentable(
      this.field.name,
      'holds a time after 294247-01-10T04:00:54Z, which 64-bit microseconds since 1970 cannot express; ' +
        'read it through a view that casts it to text',
    );
  }
}
