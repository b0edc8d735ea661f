import { type Data, type DataType, type Field, makeData } from 'apache-arrow';
import { ColumnBuilder, type Expansion, type RowFields } from './column-builder.js';
import { protocolViolation, unrepresentable } from './decode-error.js';
import { partEnd, PartRun } from './part-run.js';

/** A column of lists: the items of all rows end to end in one column, with the offset of each row beside it. */
abstract class ListColumn extends ColumnBuilder {
  readonly #items: PartRun;
  #offsets = new Int32Array(1);

  constructor(field: Field, item: ColumnBuilder) {
    super(field);
    this.#items = new PartRun(item);
  }

  override get expansion(): Expansion | undefined {
    const ofItem = this.#items.builder.expansion;
    if (ofItem === undefined) return undefined;
    return (view, position) => {
      const length = view.getInt32(position);
      if (length < 0) return 0;
      const start = position + 4;
      const { first, count } = this.itemsIn(view, start, start + length);
      let extra = 0;
      this.#walk(view, first, count, start + length, (item) => (extra += ofItem(view, item)));
      return extra;
    };
  }

  /** Reads what is before the items. */
  protected abstract itemsIn(view: DataView, start: number, end: number): { first: number; count: number };

  protected override appendFields(fields: RowFields, column: number): void {
    const { view, positions, columns, rows } = fields;
    const items = this.#items;
    const offsets = this.#offsets;
    const add = (item: number): void => items.add(item);
    items.begin(fields);
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      let there = 0;
      if (length < 0) this.markNullOrThrow(length, row);
      else {
        const start = position + 4;
        const { first, count } = this.itemsIn(view, start, start + length);
        this.#walk(view, first, count, start + length, add);
        there = count;
      }
      offsets[row + 1] = (offsets[row] as number) + there;
    }
    items.end();
  }

  protected override grow(capacity: number): void {
    const offsets = new Int32Array(capacity + 1);
    if (this.rows > 0) offsets.set(this.#offsets.subarray(0, this.rows + 1));
    this.#offsets = offsets;
  }

  protected override toData(
    type: DataType,
    length: number,
    nullCount: number,
    nullBitmap?: Uint8Array,
  ): Data {
    const valueOffsets = this.#offsets.subarray(0, length + 1);
    const child = this.#items.finish();
    return makeData({ type, length, nullCount, nullBitmap, valueOffsets, child } as Parameters<
      typeof makeData
    >[0]);
  }

  protected malformed(): Error {
    return protocolViolation(`column "${this.field.name}" has a malformed list`);
  }

  #walk(view: DataView, first: number, count: number, end: number, visit: (item: number) => void): void {
    let position = first;
    for (let left = count; left > 0; left--) {
      const next = partEnd(view, position, end);
      if (next === undefined) throw this.malformed();
      visit(position);
      position = next;
    }
    if (position !== end) throw this.malformed();
  }
}

const dimensionsBytes = 12;
const oneDimensionBytes = dimensionsBytes + 8;
const mostDimensions = 6;

/**
 * An array: int32 count of dimensions, int32 whether there are nulls, uint32 type of the elements; for each dimension
 * int32 length and int32 lower bound; then the elements. An empty one has no dimension.
 */
export class ArrayColumn extends ListColumn {
  readonly #elementOid: number;

  constructor(field: Field, elementOid: number, element: ColumnBuilder) {
    super(field, element);
    this.#elementOid = elementOid;
  }

  protected override itemsIn(view: DataView, start: number, end: number): { first: number; count: number } {
    if (end - start < dimensionsBytes) throw this.malformed();
    const dimensions = view.getInt32(start);
    if (dimensions < 0 || dimensions > mostDimensions) throw this.malformed();
    if (view.getUint32(start + 8) !== this.#elementOid) throw this.#otherElements(view.getUint32(start + 8));
    if (dimensions === 0) return { first: start + dimensionsBytes, count: 0 };
    if (dimensions > 1) throw this.#noList('more than one dimension');
    if (end - start < oneDimensionBytes) throw this.malformed();
    if (view.getInt32(start + 16) !== 1) throw this.#noList('a first index other than 1');
    const count = view.getInt32(start + dimensionsBytes);
    if (count < 0) throw this.malformed();
    return { first: start + oneDimensionBytes, count };
  }

  #noList(what: string): Error {
    return unrepresentable(
      this.field.name,
      `holds an array with ${what}, which a list cannot express; read it with the option arraysAs: 'text'`,
    );
  }

  #otherElements(found: number): Error {
    return protocolViolation(
      `column "${this.field.name}" has an array of type ${String(found)} where one of type ${String(this.#elementOid)} was planned`,
    );
  }
}

/** A multirange: int32 count, then the ranges. */
export class MultirangeColumn extends ListColumn {
  protected override itemsIn(view: DataView, start: number, end: number): { first: number; count: number } {
    if (end - start < 4) throw this.malformed();
    const count = view.getInt32(start);
    if (count < 0) throw this.malformed();
    return { first: start + 4, count };
  }
}
