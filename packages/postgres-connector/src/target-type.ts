import type { WirePart } from './wire-type.js';

/** The type of a column that is written to, whole with its parts. */
export interface TargetType {
  /** A domain's is that of the type beneath it. */
  readonly typeOid: number;
  /** What the bytes of a whole call this part: the domain, where there is one. @defaultValue `typeOid` */
  readonly namedOid?: number;
  readonly isEnum: boolean;
  /** Of an array. */
  readonly element?: TargetType;
  /** Of a composite, in the order of the catalogue. */
  readonly attributes?: readonly TargetAttribute[];
  /** Of a range: the type of its bounds. */
  readonly bound?: TargetType;
  /** Of a multirange. */
  readonly range?: TargetType;
}

export interface TargetAttribute {
  readonly name: string;
  readonly type: TargetType;
}

/** What is written to a type that is read; a part without a binary form of its own is of a type that nothing is written to. */
export function targetTypeOf({ typeOid, type }: WirePart): TargetType {
  const named = { namedOid: typeOid, typeOid, isEnum: false };
  switch (type.kind) {
    case 'base':
      return { ...named, typeOid: type.typeOid };
    case 'enum':
      return { ...named, isEnum: true };
    case 'array':
      return { ...named, element: targetTypeOf(type.element) };
    case 'composite':
      return {
        ...named,
        attributes: type.attributes.map((part) => ({ name: part.name, type: targetTypeOf(part) })),
      };
    case 'range':
      return { ...named, bound: targetTypeOf(type.bound) };
    case 'multirange':
      return { ...named, range: targetTypeOf(type.range) };
    case 'text':
      return named;
  }
}
