/** What the bytes of a value are, whole with its parts. A domain is what is beneath it. */
export type WireType =
  | { readonly kind: 'base'; readonly typeOid: number; readonly typeModifier: number }
  /** The server's own text, since the binary form of the type is not decoded. */
  | { readonly kind: 'text' }
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  | { readonly kind: 'array'; readonly element: WirePart }
  | { readonly kind: 'composite'; readonly attributes: readonly WireAttribute[] }
  | { readonly kind: 'range'; readonly bound: WirePart }
  | { readonly kind: 'multirange'; readonly range: WirePart };

export interface WirePart {
  /** As the bytes name it: of a domain where there is one. */
  readonly typeOid: number;
  /** As the server spells it, such as `numeric(12,2)`. */
  readonly sqlType: string;
  readonly type: WireType;
}

export interface WireAttribute extends WirePart {
  readonly name: string;
}

/** What becomes of arrays: lists, which have one dimension that begins at 1, or the text that the server prints. */
export type ArraysAs = 'list' | 'text';
