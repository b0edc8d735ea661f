import type { Data, DataType, Field } from 'apache-arrow';
import { protocolViolation } from './decode-error.js';

/** Where the fields of some complete rows lie in a stretch of bytes. Valid until the next scan. */
export interface RowFields {
  readonly bytes: Uint8Array;
  /** Over the same bytes. */
  readonly view: DataView;
  /** Row by row, the position of each field's length word. */
  readonly positions: Int32Array;
  readonly columns: number;
  rows: number;
}

/** Bytes that the field whose length word is at `position` takes in the batch beyond those on the wire, about. */
export type Expansion = (view: DataView, position: number) => number;

const fewestRows = 1024;

/**
 * Collects one column of a batch. Values are written straight into the memory that the batch will own, which starts
 * small and doubles, since a table of 1600 columns must not cost 1600 full columns for its first row.
 */
export abstract class ColumnBuilder {
  /** Rows collected so far. */
  protected rows = 0;
  #validity = new Uint8Array(0);
  #nulls = 0;
  #capacity = 0;
  #expectedRows = 0;

  /** @param field - Its name is for messages only; of a part of a value, it is the path from the column to the part. */
  constructor(readonly field: Field) {}

  /** Asked before the rows are taken that fill a batch; `undefined` if fields take about what they take on the wire. */
  get expansion(): Expansion | undefined {
    return undefined;
  }

  /** Appends this column's fields of all rows, of which there are at most `rowLimit` in a batch. */
  append(fields: RowFields, column: number, rowLimit: number): void {
    this.#reserve(this.rows + fields.rows, rowLimit);
    this.appendFields(fields, column);
    this.rows += fields.rows;
  }

  /** Hands the column over, together with its memory, and starts an empty one. */
  finish(): Data {
    const bitmap = this.#nulls === 0 ? undefined : this.#validity.subarray(0, (this.rows + 7) >> 3);
    const data = this.toData(this.field.type as DataType, this.rows, this.#nulls, bitmap);
    this.#expectedRows = this.rows;
    this.rows = 0;
    this.#nulls = 0;
    this.#capacity = 0;
    this.#validity = new Uint8Array(0);
    // Lets go of what was handed over: the batch's owner alone says how long it lives.
    this.grow(0);
    return data;
  }

  /** Writes the fields from row `this.rows` on; there is room for them. */
  protected abstract appendFields(fields: RowFields, column: number): void;

  /** Makes room for `capacity` rows, keeping the `this.rows` there are. With 0 rows, memory handed over is not reused. */
  protected abstract grow(capacity: number): void;

  protected abstract toData(
    type: DataType,
    rows: number,
    nulls: number,
    bitmap: Uint8Array | undefined,
  ): Data;

  protected markNull(row: number): void {
    const index = row >> 3;
    this.#validity[index] = (this.#validity[index] ?? 0) & ~(1 << (row & 7));
    this.#nulls++;
  }

  /** What is left for a field whose length is not the one its type has: null, or an error. */
  protected markNullOrThrow(length: number, row: number): void {
    if (length !== -1) throw this.badLength(length);
    this.markNull(row);
  }

  protected badLength(length: number): Error {
    return protocolViolation(
      `a field of column "${this.field.name}" has ${String(length)} bytes, which its type cannot have`,
    );
  }

  #reserve(rows: number, rowLimit: number): void {
    if (rows <= this.#capacity) return;
    const wanted = this.#capacity === 0 ? Math.max(fewestRows, this.#expectedRows) : this.#capacity * 2;
    const capacity = Math.max(rows, Math.min(rowLimit, wanted));
    this.grow(capacity);
    // Full of ones, so that only nulls need a write.
    const validity = new Uint8Array((capacity + 7) >> 3).fill(0xff);
    validity.set(this.#validity);
    this.#validity = validity;
    this.#capacity = capacity;
  }
}
