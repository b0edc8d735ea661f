import { type Data, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import type { ColumnBuilder, Expansion } from './column-builder.js';
import { builderOf } from './column-types.js';
import { copyHeaderEnd } from './copy-header.js';
import { protocolViolation } from './decode-error.js';
import { PartialRow } from './partial-row.js';
import { type Framing, RowScanner } from './row-scanner.js';
import type { NumericAs, WireColumn } from './wire-column.js';

/** Turns rows in PostgreSQL's binary format into Arrow. Pure: bytes in, batches out. */
export interface RowDecoder {
  readonly schema: Schema;
  /**
   * Feeds one chunk and returns the batches it completed, in order; a partial row is kept for the next chunk.
   * The chunk is not kept.
   */
  push(chunk: Uint8Array): RecordBatch[];
  /** Returns the last, shorter batch. @throws ConnectorError `protocol-violation` if a row is incomplete. */
  end(): RecordBatch[];
}

/**
 * A batch should die young: memory that the engine's quick collections free costs next to nothing. Batches of 65,536 rows
 * outlived those, and reading took a third more processor time (two million rows, ten columns).
 */
export const defaultBatchRows = 8192;

export interface RowDecoderOptions {
  readonly framing: Framing;
  /** Most rows in a batch. @defaultValue 8192 */
  readonly batchRows?: number;
  /** A batch ends before the row that would take it past this many bytes. @defaultValue 4 MiB */
  readonly batchBytes?: number;
  /** @defaultValue 'decimal' */
  readonly numericAs?: NumericAs;
}

/** Columns are decoded one after the other, many rows each: a tight loop for each type, and no dispatch in it. */
export function createRowDecoder(columns: readonly WireColumn[], options: RowDecoderOptions): RowDecoder {
  return new ColumnarDecoder(columns, options);
}

class ColumnarDecoder implements RowDecoder {
  readonly schema: Schema;
  readonly #builders: readonly ColumnBuilder[];
  readonly #scanner: RowScanner;
  readonly #batchRows: number;
  readonly #batchBytes: number;
  readonly #partial = new PartialRow();
  #phase: 'header' | 'rows' | 'over';
  #rows = 0;
  #bytes = 0;

  constructor(
    columns: readonly WireColumn[],
    {
      framing,
      batchRows = defaultBatchRows,
      batchBytes = 4 * 2 ** 20,
      numericAs = 'decimal',
    }: RowDecoderOptions,
  ) {
    this.#builders = columns.map((column) => builderOf(column, numericAs));
    this.schema = new Schema(this.#builders.map((builder) => builder.field));
    this.#scanner = new RowScanner(columns.length, framing, expansionsOf(this.#builders));
    this.#batchRows = batchRows;
    this.#batchBytes = batchBytes;
    this.#phase = framing === 'copy' ? 'header' : 'rows';
  }

  push(chunk: Uint8Array): RecordBatch[] {
    const bytes = this.#partial.joined(chunk);
    const batches: RecordBatch[] = [];
    const consumed = this.#decode(bytes, batches);
    this.#partial.keep(bytes, consumed);
    return batches;
  }

  end(): RecordBatch[] {
    if (this.#partial.length > 0) throw protocolViolation('the rows end in the middle of one');
    if (this.#scanner.framing === 'copy' && this.#phase !== 'over') {
      throw protocolViolation('a binary COPY ends before its trailer');
    }
    this.#phase = 'over';
    return this.#rows === 0 ? [] : [this.#finishBatch()];
  }

  /** Returns how many of the bytes are done with. */
  #decode(bytes: Uint8Array, batches: RecordBatch[]): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = bytes.length;
    let position = 0;
    if (this.#phase === 'header') {
      const rows = copyHeaderEnd(bytes, view, 0, end);
      if (rows === undefined) return 0;
      position = rows;
      this.#phase = 'rows';
    }
    const fields = this.#scanner.fieldsIn(bytes, view);
    while (this.#phase === 'rows') {
      const found = this.#scanner.scan(fields, position, end, {
        rows: this.#batchRows - this.#rows,
        bytes: this.#batchBytes - this.#bytes,
        batchIsEmpty: this.#rows === 0,
      });
      position = found.position;
      if (fields.rows > 0) {
        for (const [column, builder] of this.#builders.entries()) {
          builder.append(fields, column, this.#batchRows);
        }
        this.#rows += fields.rows;
        this.#bytes += found.bytes;
      }
      if (found.stop === 'full') batches.push(this.#finishBatch());
      else if (found.stop === 'last') this.#phase = 'over';
      else if (found.stop === 'incomplete') return position;
    }
    if (position < end) throw protocolViolation('bytes follow the end of the rows');
    return position;
  }

  #finishBatch(): RecordBatch {
    const children = this.#builders.map((builder) => builder.finish());
    const type = new Struct(this.schema.fields);
    const data: Data<Struct> = makeData({ type, length: this.#rows, nullCount: 0, children });
    this.#rows = 0;
    this.#bytes = 0;
    return new RecordBatch(this.schema, data);
  }
}

function expansionsOf(builders: readonly ColumnBuilder[]): ReadonlyMap<number, Expansion> {
  const expanding = new Map<number, Expansion>();
  for (const [column, { expansion }] of builders.entries()) {
    if (expansion !== undefined) expanding.set(column, expansion);
  }
  return expanding;
}
