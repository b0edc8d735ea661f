/** A value as `rows()` gives it: exact decimals, dates and times are texts, such as `'-000043-03-15'` and `'infinity'`. */
export type FilterValue = string | number | bigint | boolean | Uint8Array;

/**
 * What a row must fulfil, as data. A column whose value is null fulfils no comparison, `!=` and `not-in` neither, but for
 * `not-in` an empty list. An empty `in` is fulfilled by no row, an empty `not-in` by every row.
 */
export type Condition =
  | {
      /** The name of a column, whatever characters it holds. It need not be among those that are read. */
      readonly column: string;
      /** Order and equality are those of the source, for a text those of the column's collation. */
      readonly op: '=' | '!=' | '<' | '<=' | '>' | '>=';
      readonly value: FilterValue;
    }
  | { readonly column: string; readonly op: 'in' | 'not-in'; readonly value: readonly FilterValue[] }
  | { readonly column: string; readonly op: 'is-null' | 'is-not-null' };

/** A row is read if it fulfils all conditions; with none, every row is. */
export type Filter = readonly Condition[];
