import { Bool, Field, List, Struct } from 'apache-arrow';
import type { WirePart, WireType } from '../wire-type.js';
import { baseType, type ColumnType, serverText, utf8 } from './base-types.js';
import type { ColumnBuilder } from './column-builder.js';
import { CompositeColumn } from './composite-column.js';
import { protocolViolation } from './decode-error.js';
import { ArrayColumn, MultirangeColumn } from './list-columns.js';
import { RangeColumn } from './range-column.js';
import type { NumericAs, WireColumn } from './wire-column.js';

/** Says whether values of a type are decoded from their binary form when no more is known than its identifier. */
export function isDecodable(typeOid: number): boolean {
  return baseType(typeOid, -1, 'decimal') !== undefined;
}

/** The Arrow field of a column. Its metadata says what the column is in PostgreSQL. */
export function fieldOf(column: WireColumn, numericAs: NumericAs): Field {
  return toField(column, columnTypeOf(column, numericAs));
}

export function builderOf(column: WireColumn, numericAs: NumericAs): ColumnBuilder {
  const type = columnTypeOf(column, numericAs);
  return type.build(toField(column, type));
}

function columnTypeOf(column: WireColumn, numericAs: NumericAs): ColumnType {
  if (column.readAsText) return serverText;
  const { name, typeOid, typeModifier, type = { kind: 'base', typeOid, typeModifier } } = column;
  return toColumnType(name, type, numericAs);
}

function toField(
  { name, nullable, sqlType }: Pick<WireColumn, 'name' | 'nullable' | 'sqlType'>,
  { arrowType, metadata }: ColumnType,
): Field {
  const entries = Object.entries({ 'postgres:type': sqlType, ...metadata });
  return new Field(name, arrowType, nullable, new Map(entries));
}

/** @param path - Of the value, from its column on, for messages. */
function toColumnType(path: string, type: WireType, numericAs: NumericAs): ColumnType {
  switch (type.kind) {
    case 'base':
      return baseType(type.typeOid, type.typeModifier, numericAs) ?? noDecoder(path, type.typeOid);
    case 'text':
      return serverText;
    case 'enum':
      return { ...utf8, metadata: { 'postgres:enum-labels': JSON.stringify(type.labels) } };
    case 'array': {
      const { typeOid } = type.element;
      const { field: item, builder } = toPart('item', `${path}[]`, type.element, numericAs);
      return { arrowType: new List(item), build: (field) => new ArrayColumn(field, typeOid, builder()) };
    }
    case 'multirange': {
      const { field: item, builder } = toPart('item', `${path}[]`, type.range, numericAs);
      return { arrowType: new List(item), build: (field) => new MultirangeColumn(field, builder()) };
    }
    case 'composite': {
      const parts = type.attributes.map((part) => toPart(part.name, `${path}.${part.name}`, part, numericAs));
      const typeOids = type.attributes.map(({ typeOid }) => typeOid);
      return {
        arrowType: new Struct(parts.map(({ field }) => field)),
        build: (field) =>
          new CompositeColumn(
            field,
            typeOids,
            parts.map(({ builder }) => builder()),
          ),
      };
    }
    case 'range': {
      const lower = toPart('lower', `${path}.lower`, type.bound, numericAs);
      const upper = toPart('upper', `${path}.upper`, type.bound, numericAs);
      const flags = rangeFlags.map((flag) => new Field(flag, new Bool(), true));
      return {
        arrowType: new Struct([lower.field, upper.field, ...flags]),
        build: (field) => new RangeColumn(field, lower.builder(), upper.builder(), flags),
      };
    }
  }
}

const rangeFlags = ['lowerInclusive', 'upperInclusive', 'isEmpty'];

interface Part {
  readonly field: Field;
  readonly builder: () => ColumnBuilder;
}

function toPart(name: string, path: string, { sqlType, type }: WirePart, numericAs: NumericAs): Part {
  const columnType = toColumnType(path, type, numericAs);
  const field = toField({ name, nullable: true, sqlType }, columnType);
  return { field, builder: () => columnType.build(field.clone({ name: path })) };
}

function noDecoder(path: string, typeOid: number): never {
  throw protocolViolation(`column "${path}" is of type ${String(typeOid)}, which has no decoder`);
}
