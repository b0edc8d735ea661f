import type { Data } from 'apache-arrow';
import type { ColumnBuilder, RowFields } from './column-builder.js';

const partsPerRun = 512;
const onlyNull = new Uint8Array(4).fill(0xff);
const onlyNullView = new DataView(onlyNull.buffer);
const onlyNullPositions = new Int32Array(partsPerRun);

/**
 * Hands parts of values to the column that they make, many at a time: a part has a length word before its bytes just
 * as a field has, so that every column can be a column of parts.
 */
export class PartRun {
  readonly #positions = new Int32Array(partsPerRun);
  #fields: RowFields = runIn(onlyNull, onlyNullView, this.#positions);
  #nulls = 0;

  constructor(readonly builder: ColumnBuilder) {}

  /** Begins with the bytes that positions are in, from now to `end`. */
  begin({ bytes, view }: Pick<RowFields, 'bytes' | 'view'>): void {
    this.#fields = runIn(bytes, view, this.#positions);
  }

  /** Adds the part whose length word is at `position`. */
  add(position: number): void {
    if (this.#nulls > 0) this.#appendNulls();
    const fields = this.#fields;
    this.#positions[fields.rows++] = position;
    if (fields.rows === partsPerRun) this.#appendParts();
  }

  /** Adds a null for which there are no bytes. */
  addNull(): void {
    if (this.#fields.rows > 0) this.#appendParts();
    this.#nulls++;
    if (this.#nulls === partsPerRun) this.#appendNulls();
  }

  end(): void {
    if (this.#nulls > 0) this.#appendNulls();
    if (this.#fields.rows > 0) this.#appendParts();
  }

  finish(): Data {
    return this.builder.finish();
  }

  // Parts have no limit but that of the bytes: a row may hold any number of them.
  #appendParts(): void {
    this.builder.append(this.#fields, 0, Infinity);
    this.#fields.rows = 0;
  }

  #appendNulls(): void {
    const nulls = runIn(onlyNull, onlyNullView, onlyNullPositions);
    nulls.rows = this.#nulls;
    this.builder.append(nulls, 0, Infinity);
    this.#nulls = 0;
  }
}

function runIn(bytes: Uint8Array, view: DataView, positions: Int32Array): RowFields {
  return { bytes, view, positions, columns: 1, rows: 0 };
}

/**
 * Where the part ends whose length word is at `position`.
 *
 * @returns `undefined` if it does not lie before `end`, or has no length that a part can have.
 */
export function partEnd(view: DataView, position: number, end: number): number | undefined {
  if (end - position < 4) return undefined;
  const length = view.getInt32(position);
  if (length < -1 || length > end - position - 4) return undefined;
  return position + 4 + Math.max(length, 0);
}
