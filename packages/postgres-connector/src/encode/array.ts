import type { Output } from './output.js';
import { RefusedValue } from './refused-value.js';

const mostDimensions = 6;

/** Begins an array, whose elements follow; `finishArray` sets what is not known yet. An array of nothing has no dimensions. */
export function beginArray(output: Output, elementOid: number, dimensions: readonly number[]): number {
  if (dimensions.length > mostDimensions) {
    throw new RefusedValue(`has an array of more than ${String(mostDimensions)} dimensions`);
  }
  const at = output.take(16 + 8 * dimensions.length);
  const { view } = output;
  view.setInt32(at + 4, dimensions.length);
  view.setInt32(at + 8, 0);
  view.setInt32(at + 12, elementOid);
  for (const [index, size] of dimensions.entries()) {
    view.setInt32(at + 16 + 8 * index, size);
    // Arrays begin at 1.
    view.setInt32(at + 20 + 8 * index, 1);
  }
  return at;
}

export function finishArray(output: Output, at: number, hasNull: boolean): void {
  output.view.setInt32(at, output.length - at - 4);
  output.view.setInt32(at + 8, hasNull ? 1 : 0);
}

/** A row of an array is as long as the others. */
export function raggedArray(): RefusedValue {
  return new RefusedValue('has an array whose rows are not of one length, which PostgreSQL does not have');
}
