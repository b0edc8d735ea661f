import type { TargetAttribute, TargetType } from '../target-type.js';
import type { Output } from './output.js';
import { beginParts, finishParts, nullRange, rangeParts, writeRange } from './range.js';
import { RefusedValue } from './refused-value.js';
import type { WriteValue } from './value-writers.js';

/** Makes the writer of a part, `undefined` if it has none. */
export type PartValueWriter = (target: TargetType) => WriteValue | undefined;

/** A plain object as a composite: what it lacks is NULL, and what it has beyond that is refused. */
export function compositeValueWriter(
  attributes: readonly TargetAttribute[],
  partWriter: PartValueWriter,
): WriteValue | undefined {
  const parts = attributes.map(({ name, type }) => {
    const write = partWriter(type);
    return write && { name, write, oid: type.namedOid ?? type.typeOid };
  });
  const names = attributes.map(({ name }) => name);
  if (parts.includes(undefined)) return undefined;
  return (output, value) => {
    const object = objectOf(value, names);
    const at = beginParts(output, parts.length);
    for (const part of parts) {
      if (part === undefined) continue;
      output.int32(part.oid);
      writeOrNull(output, object[part.name], part.write);
    }
    finishParts(output, at);
  };
}

/** A plain object of the parts of a range. A bound that is null or not there is infinite. */
export function rangeValueWriter(boundType: TargetType, partWriter: PartValueWriter): WriteValue | undefined {
  const write = partWriter(boundType);
  if (write === undefined) return undefined;
  return (output, value) => {
    const object = objectOf(value, rangeParts);
    const bound = (part: unknown) =>
      part === null || part === undefined ? undefined : () => write(output, part);
    writeRange(output, {
      lower: bound(object['lower']),
      upper: bound(object['upper']),
      lowerInclusive: object['lowerInclusive'] === true,
      upperInclusive: object['upperInclusive'] === true,
      isEmpty: object['isEmpty'] === true,
    });
  };
}

/** An array of ranges as a multirange. */
export function multirangeValueWriter(
  range: TargetType,
  partWriter: PartValueWriter,
): WriteValue | undefined {
  const write = partWriter(range);
  if (write === undefined) return undefined;
  return (output, value) => {
    if (!Array.isArray(value)) throw new RefusedValue('has a value that is no array of ranges');
    const at = beginParts(output, value.length);
    for (const one of value as readonly unknown[]) {
      if (one === null || one === undefined) throw nullRange();
      write(output, one);
    }
    finishParts(output, at);
  };
}

function writeOrNull(output: Output, value: unknown, write: WriteValue): void {
  if (value === null || value === undefined) output.int32(-1);
  else write(output, value);
}

function objectOf(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RefusedValue(`has a value that is no object of ${names.join(', ')}`);
  }
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new RefusedValue(
      `has an object with ${JSON.stringify(unknown)}, of which there is ${names.join(', ')}`,
    );
  }
  return value as Readonly<Record<string, unknown>>;
}
