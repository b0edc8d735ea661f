/** Bytes in the making. They grow as they must, and are used again after `clear`. */
export class Output {
  bytes: Buffer<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  length = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.alloc(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Appends `count` bytes, which the caller sets, and returns where they begin. */
  take(count: number): number {
    const start = this.length;
    const end = start + count;
    if (end > this.bytes.length) this.#grow(end);
    this.length = end;
    return start;
  }

  int16(value: number): void {
    // Not as an argument: growing replaces the view.
    const at = this.take(2);
    this.view.setInt16(at, value);
  }

  int32(value: number): void {
    const at = this.take(4);
    this.view.setInt32(at, value);
  }

  /** What has been written. It is overwritten once this is used again. */
  written(): Buffer<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  #grow(needed: number): void {
    const bytes = Buffer.alloc(Math.max(needed, 2 * this.bytes.length));
    bytes.set(this.written());
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}
