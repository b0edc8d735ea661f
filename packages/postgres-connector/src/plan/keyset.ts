/** A column by which rows are put in order, and how a value of it is written. */
export interface KeysetColumn {
  /** As SQL: quoted, with its table before it. */
  readonly sql: string;
  /** The server's name of its type, to cast a text to. */
  readonly sqlType: string;
  /** NULL comes last, or first. A column that is never NULL has neither. */
  readonly nulls: 'never' | 'first' | 'last';
}

/** Collects parameters and gives the SQL that stands for each. */
export type Parameter = (text: string, sqlType: string) => string;

/** `ORDER BY` for these columns. */
export function orderBy(columns: readonly KeysetColumn[]): string {
  // Last is the server's own way, and the only one that an index is likely to have.
  return columns.map(({ sql, nulls }) => (nulls === 'first' ? `${sql} NULLS FIRST` : sql)).join(', ');
}

/**
 * SQL that says whether a row comes after the one with these values, in the order of `orderBy`.
 *
 * @param values - As text, one a column.
 */
export function comesAfter(
  columns: readonly KeysetColumn[],
  values: readonly (string | null)[],
  parameter: Parameter,
): string {
  const given = columns.map((column, index) => ({ column, value: values[index] ?? null }));
  if (given.every(({ column, value }) => column.nulls === 'never' && value !== null)) {
    const list = given.map(({ column, value }) => parameter(value ?? '', column.sqlType));
    // A comparison of rows is one that an index of these columns answers.
    return `(${columns.map(({ sql }) => sql).join(', ')}) > (${list.join(', ')})`;
  }
  return given.reduceRight((rest, { column, value }) => {
    const { after, same } = compared(column, value, parameter);
    if (rest === '') return after;
    return `(${after} OR (${same} AND ${rest}))`;
  }, '');
}

function compared(
  { sql, sqlType, nulls }: KeysetColumn,
  value: string | null,
  parameter: Parameter,
): { readonly after: string; readonly same: string } {
  if (value === null) {
    return { after: nulls === 'first' ? `${sql} IS NOT NULL` : 'false', same: `${sql} IS NULL` };
  }
  const literal = parameter(value, sqlType);
  const greater = `${sql} > ${literal}`;
  return {
    after: nulls === 'last' ? `(${greater} OR ${sql} IS NULL)` : greater,
    same: `${sql} = ${literal}`,
  };
}
