import type { RowFields } from './column-builder.js';
import { unrepresentable } from './decode-error.js';
import { FixedWidthColumn } from './fixed-width-column.js';

const int32Max = 0x7fff_ffff;
const int32Min = -0x8000_0000;
const uint32Max = 0xffff_ffff;

/**
 * interval: int64 microseconds, int32 days, int32 months, as Arrow's months, days and int64 nanoseconds. ±infinity has
 * the ends of all three on both sides; no other interval has them, since they are no whole microseconds.
 */
export class IntervalColumn extends FixedWidthColumn<Int32Array> {
  protected override values = new Int32Array(0);

  protected override allocate(rows: number): Int32Array<ArrayBuffer> {
    return new Int32Array(4 * rows);
  }

  protected override elements(rows: number): number {
    return 4 * rows;
  }

  protected override appendFields({ view, positions, columns, rows }: RowFields, column: number): void {
    const words = this.values;
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length !== 16) {
        this.markNullOrThrow(length, row);
        continue;
      }
      let high = view.getInt32(position + 4);
      let low = view.getUint32(position + 8);
      const days = view.getInt32(position + 12);
      const months = view.getInt32(position + 16);
      if (!isInfinite(months, days, high, low)) {
        const scaledLow = low * 1000;
        low = scaledLow % 2 ** 32;
        high = high * 1000 + Math.floor(scaledLow / 2 ** 32);
        if (high > int32Max || high < int32Min) throw this.#tooLong();
      }
      words[4 * row] = months;
      words[4 * row + 1] = days;
      words[4 * row + 2] = low;
      words[4 * row + 3] = high;
    }
  }

  #tooLong(): Error {
    return unrepresentable(
      this.field.name,
      'holds an interval of more than 2562047 hours, which 64-bit nanoseconds cannot express; ' +
        'read it through a view that casts it to text',
    );
  }
}

function isInfinite(months: number, days: number, high: number, low: number): boolean {
  if (months === int32Max && days === int32Max) return high === int32Max && low === uint32Max;
  return months === int32Min && days === int32Min && high === int32Min && low === 0;
}
