import type { Field } from 'apache-arrow';
import type { Expansion, RowFields } from './column-builder.js';
import { protocolViolation, unrepresentable } from './decode-error.js';
import { FixedWidthColumn } from './fixed-width-column.js';
import { headerBytes, isNumeric, mostTextBytes, scaledValue, signs, writeNumericText } from './numeric.js';
import { VariableWidthColumn } from './variable-width-column.js';

const powersOfTen = Array.from({ length: 16 }, (_, power) => 10 ** power);

/** numeric(p,s) as Decimal128. */
export class DecimalColumn extends FixedWidthColumn<Int32Array> {
  readonly #scale: number;
  readonly #limit: bigint;
  protected override values = new Int32Array(0);

  constructor(field: Field, precision: number, scale: number) {
    super(field);
    this.#scale = scale;
    this.#limit = 10n ** BigInt(precision);
  }

  protected override allocate(rows: number): Int32Array<ArrayBuffer> {
    return new Int32Array(4 * rows);
  }

  protected override elements(rows: number): number {
    return 4 * rows;
  }

  protected override appendFields({ view, positions, columns, rows }: RowFields, column: number): void {
    const words = this.values;
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const position = positions[at] as number;
      const length = view.getInt32(position);
      if (length < headerBytes) {
        this.markNullOrThrow(length, row);
        continue;
      }
      const small = length <= headerBytes + 6 ? this.#small(view, position + 4, length) : NaN;
      // NaN fails both comparisons.
      if (small <= Number.MAX_SAFE_INTEGER && small >= -Number.MAX_SAFE_INTEGER) {
        const high = Math.floor(small / 2 ** 32);
        words[4 * row] = small - high * 2 ** 32;
        words[4 * row + 1] = high;
        if (high < 0) words.fill(-1, 4 * row + 2, 4 * row + 4);
      } else this.#putLarge(view, position + 4, length, row);
    }
  }

  /** The scaled value by plain numbers, for up to three base-10000 digits; NaN if that cannot be done exactly. */
  #small(view: DataView, position: number, length: number): number {
    const digits = view.getUint16(position);
    const sign = view.getUint16(position + 4);
    if (length !== headerBytes + 2 * digits || (sign !== signs.positive && sign !== signs.negative))
      return NaN;
    let value = 0;
    for (let at = position + headerBytes, end = position + length; at < end; at += 2) {
      value = value * 10_000 + view.getUint16(at);
    }
    if (value === 0) return 0;
    const exponent = (view.getInt16(position + 2) - digits + 1) * 4 + this.#scale;
    const power = powersOfTen[Math.abs(exponent)];
    if (power === undefined) return NaN;
    const scaled = exponent >= 0 ? value * power : value / power;
    if (!Number.isInteger(scaled)) return NaN;
    return sign === signs.negative ? -scaled : scaled;
  }

  #putLarge(view: DataView, position: number, length: number, row: number): void {
    if (!isNumeric(view, position, length)) throw malformed(this.field.name);
    const sign = view.getUint16(position + 4);
    if (sign !== signs.positive && sign !== signs.negative) throw this.#notANumber();
    const value = scaledValue(view, position, this.#scale);
    if (value === undefined || value >= this.#limit || value <= -this.#limit) throw this.#tooWide();
    for (let word = 0; word < 4; word++) {
      this.values[4 * row + word] = Number(BigInt.asIntN(32, value >> BigInt(32 * word)));
    }
  }

  #notANumber(): Error {
    return unrepresentable(
      this.field.name,
      "holds NaN, which a decimal cannot express; read it with the option numericAs: 'text'",
    );
  }

  #tooWide(): Error {
    return protocolViolation(`column "${this.field.name}" has a numeric wider than its declared type`);
  }
}

/** Any numeric as the text that the server would print. */
export class NumericTextColumn extends VariableWidthColumn {
  /** Written out, a numeric can be a thousand times longer than on the wire. */
  override get expansion(): Expansion {
    return extraTextBytes;
  }

  protected override appendFields({ view, positions, columns, rows }: RowFields, column: number): void {
    const store = this.store;
    let position = 0;
    const write = (target: Uint8Array, start: number): number =>
      writeNumericText(view, position, target, start);
    for (let row = this.rows, end = row + rows, at = column; row < end; row++, at += columns) {
      const length = view.getInt32(positions[at] as number);
      position = (positions[at] as number) + 4;
      if (length === -1) {
        this.markNull(row);
        store.skip(row);
      } else {
        if (!isNumeric(view, position, length)) throw malformed(this.field.name);
        store.write(row, mostTextBytes(view, position), write);
      }
    }
  }
}

/** Its header may reach past the field, whose form is checked later. */
function extraTextBytes(view: DataView, position: number): number {
  const start = position + 4;
  return view.getInt32(position) <= 0 || start + headerBytes > view.byteLength
    ? 0
    : mostTextBytes(view, start);
}

function malformed(column: string): Error {
  return protocolViolation(`column "${column}" has a malformed numeric`);
}
