import { ConnectorError } from '@sqlflow/connector-contract';
import { type Data, type DataType, makeData } from 'apache-arrow';

const wordBytes = 4;
const fewestBytes = 1024;
/** From this length on, the engine's own copy is faster than the loop, whose start it has to outweigh. */
const longCopy = 96;
/** As far as 32-bit offsets reach. */
const mostBytes = 0x7fff_ffff;

/** The bytes of a column of variable width: values end to end, with the offset of each beside them. */
export class ByteStore {
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #offsets = new Int32Array(1);
  #used = 0;
  #expectedBytes = 0;

  growRows(capacity: number, rows: number): void {
    const offsets = new Int32Array(capacity + 1);
    if (rows > 0) offsets.set(this.#offsets.subarray(0, rows + 1));
    this.#offsets = offsets;
  }

  /** Sets the value of `row`, copied from `source`. Rows are set in order. */
  copy(row: number, source: Uint8Array, sourceView: DataView, position: number, length: number): void {
    const start = this.#used;
    const end = start + length;
    if (end + wordBytes > this.#bytes.length) this.#growBytes(end + wordBytes);
    if (length < longCopy && position + length + wordBytes <= source.length) {
      // Whole words, past the end of the value too: the next value overwrites that.
      const target = this.#view;
      for (let to = start, from = position; to < end; to += wordBytes, from += wordBytes) {
        target.setInt32(to, sourceView.getInt32(from, true), true);
      }
    } else {
      this.#bytes.set(source.subarray(position, position + length), start);
    }
    this.#used = end;
    this.#offsets[row + 1] = end;
  }

  /** Sets the value of `row` to what `write` puts into the bytes from the position it is given; it returns the end. */
  write(row: number, mostBytes: number, write: (target: Uint8Array, position: number) => number): void {
    const most = this.#used + mostBytes;
    if (most > this.#bytes.length) this.#growBytes(most);
    this.#used = write(this.#bytes, this.#used);
    this.#offsets[row + 1] = this.#used;
  }

  /** Leaves `row` empty. */
  skip(row: number): void {
    this.#offsets[row + 1] = this.#used;
  }

  finish(type: DataType, length: number, nullCount: number, nullBitmap: Uint8Array | undefined): Data {
    const data = makeData({
      type,
      length,
      nullCount,
      nullBitmap,
      valueOffsets: this.#offsets.subarray(0, length + 1),
      data: this.#bytes.subarray(0, this.#used),
    } as Parameters<typeof makeData>[0]);
    // A little more than this batch took, so that the next one rarely grows and hands over little that is unused.
    this.#expectedBytes = this.#used + (this.#used >> 4);
    this.#bytes = new Uint8Array(0);
    this.#view = new DataView(this.#bytes.buffer);
    this.#used = 0;
    return data;
  }

  #growBytes(needed: number): void {
    if (needed > mostBytes) throw tooLong();
    const wanted = this.#used === 0 ? Math.max(fewestBytes, this.#expectedBytes) : this.#bytes.length * 2;
    const bytes = new Uint8Array(Math.min(mostBytes, Math.max(needed, wanted)));
    bytes.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/** One row of numerics in an array, written out as text, can be this long; of all else the server itself allows less. */
function tooLong(): ConnectorError {
  const message = 'a row has more than 2 GiB of text in one column; leave it out with the option "columns"';
  return new ConnectorError('invalid-data', message, { kind: 'terminal', effect: 'none' });
}
