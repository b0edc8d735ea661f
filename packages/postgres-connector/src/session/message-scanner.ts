import { ConnectorError } from '@sqlflow/connector-contract';

/** Where the parts of a server's answer go. */
export interface MessageHandler {
  /** Bytes of rows, whole messages or parts of them, in order. */
  rows(bytes: Uint8Array): void;
  /** The payload of the message that describes the columns. It comes before the rows. */
  rowDescription(payload: Uint8Array): void;
}

const types = { dataRow: 0x44, errorResponse: 0x45, rowDescription: 0x54, readyForQuery: 0x5a };
const headerBytes = 5;
const longest = 0x3fff_ffff;

/**
 * Splits the answer to one query: rows are passed on in stretches as long as can be, the description of the columns is
 * collected, other messages are passed over. It stops before the message that ends the answer.
 */
export class MessageScanner {
  #type = 0;
  /** Bytes of the current message that have not come yet, not counting its header. */
  #missing = 0;
  /** The part of a header that a chunk ended in. */
  #header = 0;
  readonly #headerBytes = new Uint8Array(headerBytes);
  #description: Uint8Array[] = [];

  constructor(readonly handler: MessageHandler) {}

  /**
   * @returns Where the ending message (an error, or readiness for the next query) begins, or the chunk's length.
   * Nothing may be fed after the former.
   */
  push(chunk: Uint8Array): number {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = chunk.length;
    let position = 0;
    let rowsStart = 0;
    let inRows = this.#type === types.dataRow && (this.#missing > 0 || this.#header > 0);
    while (position < end) {
      if (this.#missing > 0) {
        position = this.#pass(chunk, position);
        continue;
      }
      if (this.#header === 0) {
        const type = chunk[position] as number;
        if (inRows !== (type === types.dataRow)) {
          if (inRows) this.handler.rows(chunk.subarray(rowsStart, position));
          inRows = !inRows;
          rowsStart = position;
        }
        if (type === types.errorResponse || type === types.readyForQuery) return position;
        this.#type = type;
        if (end - position >= headerBytes) {
          this.#begin(view.getInt32(position + 1));
          position += headerBytes;
          continue;
        }
      }
      position = this.#takeHeader(chunk, position);
    }
    if (inRows) this.handler.rows(chunk.subarray(rowsStart, end));
    return end;
  }

  #pass(chunk: Uint8Array, position: number): number {
    const next = Math.min(chunk.length, position + this.#missing);
    this.#missing -= next - position;
    if (this.#type === types.rowDescription) {
      this.#description.push(chunk.slice(position, next));
      if (this.#missing === 0) this.#describe();
    }
    return next;
  }

  #takeHeader(chunk: Uint8Array, position: number): number {
    const next = Math.min(chunk.length, position + headerBytes - this.#header);
    this.#headerBytes.set(chunk.subarray(position, next), this.#header);
    this.#header += next - position;
    if (this.#header === headerBytes) {
      this.#header = 0;
      this.#begin(new DataView(this.#headerBytes.buffer).getInt32(1));
    }
    return next;
  }

  #begin(length: number): void {
    if (length < 4 || length > longest) {
      throw new ConnectorError('protocol-violation', 'the server sent a message of an impossible length', {
        kind: 'terminal',
        effect: 'none',
      });
    }
    this.#missing = length - 4;
  }

  #describe(): void {
    this.handler.rowDescription(Buffer.concat(this.#description));
    this.#description = [];
  }
}
