import type { Field } from 'apache-arrow';
import { BooleanColumn } from './boolean-column.js';
import type { ColumnBuilder, Expansion, RowFields } from './column-builder.js';
import { protocolViolation } from './decode-error.js';
import { partEnd, type PartRun } from './part-run.js';
import { StructColumn } from './struct-column.js';

const flag = { empty: 0x01, lowerInclusive: 0x02, upperInclusive: 0x04, noLower: 0x28, noUpper: 0x50 };

/** The flags are bits on the wire. Here are a false, a true and a null as fields of the type bool. */
const bools = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0xff, 0xff, 0xff, 0xff);
const boolFields = { bytes: bools, view: new DataView(bools.buffer) };
const bool = { false: 0, true: 5, null: 10 };

interface Range {
  readonly flags: number;
  /** Position of the bound's length word, `undefined` if the range has no such bound. */
  readonly lower: number | undefined;
  readonly upper: number | undefined;
}

/** A range: a byte of flags, then the bounds that there are. */
export class RangeColumn extends StructColumn {
  readonly #lower: PartRun;
  readonly #upper: PartRun;
  readonly #flags: readonly (readonly [bit: number, part: PartRun])[];

  /** @param field - A struct of lower, upper, lowerInclusive, upperInclusive, isEmpty. */
  constructor(field: Field, lower: ColumnBuilder, upper: ColumnBuilder, flags: readonly Field[]) {
    super(field, [lower, upper, ...flags.map((inner) => new BooleanColumn(inner))]);
    const [first, second, ...others] = this.parts as [PartRun, PartRun, PartRun, PartRun, PartRun];
    this.#lower = first;
    this.#upper = second;
    const bits = [flag.lowerInclusive, flag.upperInclusive, flag.empty] as const;
    this.#flags = others.map((part, index) => [bits[index] ?? 0, part]);
  }

  override get expansion(): Expansion | undefined {
    const ofBound = this.#lower.builder.expansion;
    if (ofBound === undefined) return undefined;
    return (view, position) => {
      const range = this.#rangeAt(view, position);
      const extraOf = (bound: number | undefined): number => (bound === undefined ? 0 : ofBound(view, bound));
      return range === undefined ? 0 : extraOf(range.lower) + extraOf(range.upper);
    };
  }

  protected override appendFields(fields: RowFields, column: number): void {
    const { view, positions, columns, rows } = fields;
    this.#lower.begin(fields);
    this.#upper.begin(fields);
    for (const [, part] of this.#flags) part.begin(boolFields);
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const range = this.#rangeAt(view, positions[at] as number);
      if (range === undefined) this.markNull(row);
      addBound(this.#lower, range?.lower);
      addBound(this.#upper, range?.upper);
      for (const [bit, part] of this.#flags) {
        part.add(range === undefined ? bool.null : (range.flags & bit) === 0 ? bool.false : bool.true);
      }
    }
    for (const part of this.parts) part.end();
  }

  /** Reads the range whose length word is at `position`; `undefined` for a null. */
  #rangeAt(view: DataView, position: number): Range | undefined {
    const length = view.getInt32(position);
    if (length === -1) return undefined;
    if (length < 1) throw this.badLength(length);
    const end = position + 4 + length;
    const flags = view.getUint8(position + 4);
    const isEmpty = (flags & flag.empty) !== 0;
    let at = position + 5;
    const bound = (absent: number): number | undefined => {
      if (isEmpty || (flags & absent) !== 0) return undefined;
      const start = at;
      const next = partEnd(view, start, end);
      if (next === undefined) throw this.#malformed();
      at = next;
      return start;
    };
    const lower = bound(flag.noLower);
    const upper = bound(flag.noUpper);
    if (at !== end) throw this.#malformed();
    return { flags, lower, upper };
  }

  #malformed(): Error {
    return protocolViolation(`column "${this.field.name}" has a malformed range`);
  }
}

function addBound(part: PartRun, position: number | undefined): void {
  if (position === undefined) part.addNull();
  else part.add(position);
}
