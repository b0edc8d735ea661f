import { type Field } from 'apache-arrow';
import type { ColumnBuilder, Expansion, RowFields } from './column-builder.js';
import { protocolViolation } from './decode-error.js';
import { partEnd } from './part-run.js';
import { StructColumn } from './struct-column.js';

/** What a null attribute of a null composite takes, about. */
const nullAttributeBytes = 8;

/** A composite: int32 count of attributes, without dropped ones; of each its uint32 type, and the value. */
export class CompositeColumn extends StructColumn {
  readonly #typeOids: readonly number[];
  /** A null of four bytes on the wire is a null in every column of attributes. */
  readonly #nullBytes: number;

  constructor(field: Field, typeOids: readonly number[], attributes: readonly ColumnBuilder[]) {
    super(field, attributes);
    this.#typeOids = typeOids;
    this.#nullBytes = attributes.reduce(
      (sum, inner) => sum + (inner instanceof CompositeColumn ? inner.#nullBytes : nullAttributeBytes),
      0,
    );
  }

  override get expansion(): Expansion {
    const expansions = this.parts.map(({ builder }) => builder.expansion);
    const canExpand = expansions.some((expansion) => expansion !== undefined);
    return (view, position) => {
      if (view.getInt32(position) < 0) return this.#nullBytes;
      let extra = 0;
      if (canExpand) {
        this.#walk(
          view,
          position,
          (attribute, index) => (extra += expansions[index]?.(view, attribute) ?? 0),
        );
      }
      return extra;
    };
  }

  protected override appendFields(fields: RowFields, column: number): void {
    const { view, positions, columns, rows } = fields;
    const parts = this.parts;
    const add = (attribute: number, index: number): void => parts[index]?.add(attribute);
    for (const part of parts) part.begin(fields);
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length >= 0) this.#walk(view, position, add);
      else {
        this.markNullOrThrow(length, row);
        // Its own length word says null, and says it for each attribute.
        for (const part of parts) part.add(position);
      }
    }
    for (const part of parts) part.end();
  }

  /** Visits the attributes of the composite whose length word is at `position`. */
  #walk(view: DataView, position: number, visit: (attribute: number, index: number) => void): void {
    const start = position + 4;
    const end = start + view.getInt32(position);
    const count = this.#typeOids.length;
    if (end - start < 4) throw this.#malformed();
    if (view.getInt32(start) !== count) throw this.#otherCount(view.getInt32(start));
    let at = start + 4;
    for (let index = 0; index < count; index++) {
      if (end - at < 4) throw this.#malformed();
      if (view.getUint32(at) !== this.#typeOids[index]) throw this.#otherType(index, view.getUint32(at));
      const next = partEnd(view, at + 4, end);
      if (next === undefined) throw this.#malformed();
      visit(at + 4, index);
      at = next;
    }
    if (at !== end) throw this.#malformed();
  }

  #malformed(): Error {
    return protocolViolation(`column "${this.field.name}" has a malformed composite`);
  }

  #otherCount(found: number): Error {
    return protocolViolation(
      `column "${this.field.name}" has a composite of ${String(found)} attributes where ${String(this.#typeOids.length)} were planned`,
    );
  }

  #otherType(index: number, found: number): Error {
    return protocolViolation(
      `column "${this.field.name}" has type ${String(found)} in attribute ${String(index + 1)} where ${String(this.#typeOids[index])} was planned`,
    );
  }
}
