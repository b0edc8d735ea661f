import type { RecordBatch } from 'apache-arrow';
import type { ColumnWriter } from './column-writers.js';
import type { Output } from './output.js';
import { RefusedRow, RefusedValue } from './refused-value.js';
import type { WriteValue } from './value-writers.js';

const signature = [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00];

/** What a binary COPY begins with: a signature, no flags, no extension. */
export function writeCopyHeader(output: Output): void {
  const at = output.take(signature.length);
  output.bytes.set(signature, at);
  output.int32(0);
  output.int32(0);
}

export function writeCopyTrailer(output: Output): void {
  output.int16(-1);
}

/** Rows that can be written as those of a binary COPY, from any one on, and again. */
export interface RowEncoder {
  readonly rows: number;
  /**
   * Writes rows from `start` on, until `end` is reached or `output` holds `fullBytes`.
   *
   * @returns the row after the last one that was written
   * @throws RefusedRow for a value that its column cannot take; what came before that row is written.
   */
  encode(output: Output, start: number, end: number, fullBytes: number): number;
}

/** A column as it is written. */
export interface EncodedColumn<Write> {
  readonly name: string;
  readonly write: Write;
  /** Refuses NULL, which the table would take. */
  readonly isRequired: boolean;
}

/** @param ordinal - If given, each row begins with its number as an int8, from this one on. */
export function batchEncoder(
  batch: RecordBatch,
  columns: readonly (EncodedColumn<ColumnWriter> & { readonly index: number })[],
  ordinal?: number,
): RowEncoder {
  const bound = columns.map(({ index, write, name, isRequired }) => {
    const data = batch.data.children[index];
    if (data === undefined) throw new RangeError(`a batch has no column ${String(index)}`);
    const nulls = data.nullCount > 0 ? data.nullBitmap : undefined;
    return { name, isRequired, nulls, offset: data.offset, write: write(data) };
  });
  return new Encoder(bound, batch.numRows, ordinal, (column, output, row) => {
    const { nulls, offset } = column;
    if (nulls !== undefined) {
      const bit = offset + row;
      if ((((nulls[bit >> 3] as number) >> (bit & 7)) & 1) === 0) {
        writeNull(output, column.isRequired);
        return;
      }
    }
    column.write(output, row);
  });
}

/** @param rows - Plain objects. What a row lacks is NULL. */
export function objectEncoder(
  rows: readonly Readonly<Record<string, unknown>>[],
  columns: readonly EncodedColumn<WriteValue>[],
  ordinal?: number,
): RowEncoder {
  // Every object has what is called so, such as `constructor`, without being told.
  const told = columns.map((column) => ({ ...column, isInherited: column.name in Object.prototype }));
  return new Encoder(told, rows.length, ordinal, ({ name, write, isRequired, isInherited }, output, row) => {
    const object = rows[row];
    const value = isInherited && object && !Object.hasOwn(object, name) ? null : object?.[name];
    if (value === null || value === undefined) writeNull(output, isRequired);
    else write(output, value);
  });
}

class Encoder<Column extends { readonly name: string }> implements RowEncoder {
  constructor(
    private readonly columns: readonly Column[],
    readonly rows: number,
    private readonly ordinal: number | undefined,
    private readonly writeField: (column: Column, output: Output, row: number) => void,
  ) {}

  encode(output: Output, start: number, end: number, fullBytes: number): number {
    const { columns, ordinal, writeField } = this;
    const count = columns.length;
    const fields = ordinal === undefined ? count : count + 1;
    let row = start;
    let rowStart = output.length;
    let index = 0;
    try {
      for (; row < end && output.length < fullBytes; row++) {
        rowStart = output.length;
        output.int16(fields);
        if (ordinal !== undefined) writeOrdinal(output, ordinal + row);
        for (index = 0; index < count; index++) writeField(columns[index] as Column, output, row);
      }
      return row;
    } catch (error) {
      if (!(error instanceof RefusedValue)) throw error;
      output.length = rowStart;
      throw new RefusedRow(row, columns[index]?.name ?? '', error);
    }
  }
}

function writeNull(output: Output, isRequired: boolean): void {
  if (isRequired) throw new RefusedValue('is of the key, and NULL in a row');
  output.int32(-1);
}

function writeOrdinal(output: Output, ordinal: number): void {
  const at = output.take(12);
  const high = Math.floor(ordinal / 2 ** 32);
  output.view.setInt32(at, 8);
  output.view.setInt32(at + 4, high);
  output.view.setUint32(at + 8, ordinal - high * 2 ** 32);
}
