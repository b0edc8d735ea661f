import type { Output } from './output.js';
import { RefusedValue } from './refused-value.js';

/** How a range begins on the wire: one byte of these. */
const flag = { empty: 0x01, lowerInclusive: 0x02, upperInclusive: 0x04, noLower: 0x08, noUpper: 0x10 };

/** The names of a range's parts, as the source gives them. */
export const rangeParts = ['lower', 'upper', 'lowerInclusive', 'upperInclusive', 'isEmpty'] as const;

/** A range in the making. A bound that is not there is infinite. */
export interface RangeParts {
  readonly lower: (() => void) | undefined;
  readonly upper: (() => void) | undefined;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly isEmpty: boolean;
}

export function writeRange(output: Output, parts: RangeParts): void {
  const { lower, upper, isEmpty } = parts;
  const at = output.take(5);
  let flags = isEmpty ? flag.empty : 0;
  if (!isEmpty) {
    if (lower === undefined) flags |= flag.noLower;
    else if (parts.lowerInclusive) flags |= flag.lowerInclusive;
    if (upper === undefined) flags |= flag.noUpper;
    else if (parts.upperInclusive) flags |= flag.upperInclusive;
    lower?.();
    upper?.();
  }
  output.bytes[at + 4] = flags;
  output.view.setInt32(at, output.length - at - 4);
}

/** What `begin` has taken room for is set by `finishParts`: the length, which is known only then. */
export function beginParts(output: Output, count: number): number {
  const at = output.take(8);
  output.view.setInt32(at + 4, count);
  return at;
}

export function finishParts(output: Output, at: number): void {
  output.view.setInt32(at, output.length - at - 4);
}

/** A multirange has no NULL in it. */
export function nullRange(): RefusedValue {
  return new RefusedValue('has a multirange with NULL in it, which PostgreSQL does not have');
}
