import type { Expansion, RowFields } from './column-builder.js';
import { protocolViolation } from './decode-error.js';

/**
 * How rows are set apart on the wire. The rows themselves look the same in both.
 *
 * - `data-row`: messages of the protocol, each with type `D` and its length before it.
 * - `copy`: the payload of COPY … (FORMAT binary), rows end to end, with a header and a trailer.
 */
export type Framing = 'data-row' | 'copy';

export interface ScanLimits {
  readonly rows: number;
  /** Bytes that the rows may add. The first row of an empty batch is taken whatever its size. */
  readonly bytes: number;
  readonly batchIsEmpty: boolean;
}

export interface ScanResult {
  /** Where the first row begins that was not taken. */
  readonly position: number;
  /** What the rows taken count against the limit. */
  readonly bytes: number;
  /** `incomplete`: the next row is not all there. `full`: it would exceed a limit. `last`: the trailer came. */
  readonly stop: 'incomplete' | 'full' | 'last' | 'scanned';
}

const dataRow = 0x44;
const dataRowHeader = 7;
/** The server's own limit of a field and of a row. Longer ones are damage, and waiting for them would be endless. */
const longest = 0x3fff_ffff;
/** Fields to find before they are decoded: 64 KiB of positions stay in the cache beside the bytes they point to. */
const fieldsPerScan = 16_384;

/** Finds where the fields of complete rows lie, and checks that all of them lie within the bytes. */
export class RowScanner {
  readonly #columns: number;
  readonly #mostRows: number;
  readonly #positions: Int32Array;
  readonly #expansions: readonly { readonly column: number; readonly extraBytes: Expansion }[];

  constructor(
    columns: number,
    readonly framing: Framing,
    expansions: ReadonlyMap<number, Expansion>,
  ) {
    this.#columns = columns;
    this.#mostRows = Math.max(1, Math.floor(fieldsPerScan / Math.max(1, columns)));
    this.#positions = new Int32Array(this.#mostRows * columns);
    this.#expansions = [...expansions].map(([column, extraBytes]) => ({ column, extraBytes }));
  }

  fieldsIn(bytes: Uint8Array, view: DataView): RowFields {
    return { bytes, view, positions: this.#positions, columns: this.#columns, rows: 0 };
  }

  /** Takes rows from `start` on into `fields`, up to the limits. */
  scan(fields: RowFields, start: number, end: number, limits: ScanLimits): ScanResult {
    const mostRows = Math.min(this.#mostRows, limits.rows);
    let position = start;
    let bytes = 0;
    fields.rows = 0;
    while (fields.rows < mostRows) {
      if (this.#isTrailer(fields.view, position, end)) return { position: position + 2, bytes, stop: 'last' };
      const next = this.#walkRow(fields, position, end);
      if (next === undefined) return { position, bytes, stop: 'incomplete' };
      const rowBytes = next - position + this.#extraBytes(fields);
      const isFirst = limits.batchIsEmpty && fields.rows === 0;
      if (bytes + rowBytes > limits.bytes && !isFirst) return { position, bytes, stop: 'full' };
      bytes += rowBytes;
      position = next;
      fields.rows++;
    }
    return { position, bytes, stop: fields.rows === limits.rows ? 'full' : 'scanned' };
  }

  #isTrailer(view: DataView, position: number, end: number): boolean {
    return this.framing === 'copy' && end - position >= 2 && view.getInt16(position) === -1;
  }

  /** Returns where the row ends, `undefined` if it is not all there. */
  #walkRow(fields: RowFields, start: number, end: number): number | undefined {
    if (this.framing === 'copy') return end - start < 2 ? undefined : this.#walkFields(fields, start, end);
    if (end - start < dataRowHeader) return undefined;
    if (fields.bytes[start] !== dataRow)
      throw protocolViolation('a message that is no row is among the rows');
    const length = fields.view.getInt32(start + 1);
    if (length < dataRowHeader - 1 || length > longest)
      throw protocolViolation('a row has an impossible length');
    const next = start + 1 + length;
    if (next > end) return undefined;
    if (this.#walkFields(fields, start + 5, next) !== next) {
      throw protocolViolation('the fields of a row do not add up to its length');
    }
    return next;
  }

  #walkFields({ view, positions, rows }: RowFields, start: number, end: number): number | undefined {
    const columns = this.#columns;
    if (view.getInt16(start) !== columns) throw this.#wrongCount(view.getInt16(start));
    let position = start + 2;
    for (let at = rows * columns, last = at + columns; at < last; at++) {
      if (end - position < 4) return undefined;
      const length = view.getInt32(position);
      positions[at] = position;
      position += 4;
      if (length > 0) {
        if (length > longest) throw protocolViolation('a field has an impossible length');
        if (length > end - position) return undefined;
        position += length;
      } else if (length < -1) throw protocolViolation('a field has a negative length');
    }
    return position;
  }

  #extraBytes({ view, positions, rows }: RowFields): number {
    let extra = 0;
    for (const { column, extraBytes } of this.#expansions) {
      const position = positions[rows * this.#columns + column] as number;
      extra += extraBytes(view, position);
    }
    return extra;
  }

  #wrongCount(found: number): Error {
    return protocolViolation(
      `a row has ${String(found)} columns where ${String(this.#columns)} were planned`,
    );
  }
}
