import { type Data, DataType, type Field } from 'apache-arrow';
import type { TargetAttribute, TargetType } from '../target-type.js';
import type { ColumnWriter, WriteField } from './column-writers.js';
import type { Output } from './output.js';
import { beginParts, finishParts, nullRange, rangeParts, writeRange } from './range.js';

/** Makes the writer of a part, `undefined` if its values are none of that target's. */
export type PartWriter = (field: Field, target: TargetType) => ColumnWriter | undefined;

/** A struct as a composite. Its fields are found by their names, and each attribute has one. */
export function compositeWriter(
  type: DataType,
  attributes: readonly TargetAttribute[],
  partWriter: PartWriter,
): ColumnWriter | undefined {
  if (!DataType.isStruct(type) || type.children.length !== attributes.length) return undefined;
  const parts = attributes.map((attribute) => {
    const part = partOf(type.children, attribute.name, attribute.type, partWriter);
    return part && { ...part, oid: attribute.type.namedOid ?? attribute.type.typeOid };
  });
  return (data) => {
    const writers = parts.flatMap((part) =>
      part === undefined ? [] : [{ ...bound(data, part), oid: part.oid }],
    );
    return (output, row) => {
      const at = beginParts(output, writers.length);
      for (const { child, write, oid } of writers) {
        output.int32(oid);
        if (child.getValid(row)) write(output, row);
        else output.int32(-1);
      }
      finishParts(output, at);
    };
  };
}

/** A struct of `lower`, `upper`, `lowerInclusive`, `upperInclusive` and `isEmpty` as a range. */
export function rangeWriter(
  type: DataType,
  boundType: TargetType,
  partWriter: PartWriter,
): ColumnWriter | undefined {
  if (!DataType.isStruct(type) || type.children.length !== rangeParts.length) return undefined;
  const lower = partOf(type.children, 'lower', boundType, partWriter);
  const upper = partOf(type.children, 'upper', boundType, partWriter);
  const flags = rangeParts.slice(2).map((name) => indexOfFlag(type.children, name));
  if (lower === undefined || upper === undefined || flags.includes(-1)) return undefined;
  return (data) => {
    const [from, to] = [bound(data, lower), bound(data, upper)];
    const [lowerInclusive, upperInclusive, isEmpty] = flags.map((index) =>
      bitsOf(data.children[index] as Data),
    );
    const boundAt = ({ child, write }: Bound, output: Output, row: number) =>
      child.getValid(row) ? () => write(output, row) : undefined;
    return (output, row) => {
      writeRange(output, {
        lower: boundAt(from, output, row),
        upper: boundAt(to, output, row),
        lowerInclusive: lowerInclusive?.(row) ?? false,
        upperInclusive: upperInclusive?.(row) ?? false,
        isEmpty: isEmpty?.(row) ?? false,
      });
    };
  };
}

/** A list of ranges as a multirange. */
export function multirangeWriter(
  type: DataType,
  range: TargetType,
  partWriter: PartWriter,
): ColumnWriter | undefined {
  const [field] = DataType.isList(type) ? (type.children as readonly Field[]) : [];
  const inner = field && partWriter(field, range);
  if (inner === undefined) return undefined;
  return (data) => {
    const offsets = data.valueOffsets as Int32Array;
    const child = data.children[0] as Data;
    const write = inner(child);
    return (output, row) => {
      const [start, end] = [offsets[row] as number, offsets[row + 1] as number];
      const at = beginParts(output, end - start);
      for (let index = start; index < end; index++) {
        if (!child.getValid(index)) throw nullRange();
        write(output, index);
      }
      finishParts(output, at);
    };
  };
}

interface Part {
  readonly index: number;
  readonly inner: ColumnWriter;
}

interface Bound {
  readonly child: Data;
  readonly write: WriteField;
}

function partOf(
  fields: readonly Field[],
  name: string,
  target: TargetType,
  partWriter: PartWriter,
): Part | undefined {
  const index = fields.findIndex((field) => field.name === name);
  const field = fields[index];
  const inner = field && partWriter(field, target);
  return inner && { index, inner };
}

function bound(data: Data, { index, inner }: Part): Bound {
  const child = data.children[index] as Data;
  return { child, write: inner(child) };
}

function indexOfFlag(fields: readonly Field[], name: string): number {
  return fields.findIndex((field) => field.name === name && DataType.isBool(field.type as DataType));
}

/** A flag that is NULL is not set. */
function bitsOf(data: Data): (row: number) => boolean {
  const bits = data.values as Uint8Array;
  return (row) => {
    const bit = data.offset + row;
    return data.getValid(row) && (((bits[bit >> 3] as number) >> (bit & 7)) & 1) === 1;
  };
}
