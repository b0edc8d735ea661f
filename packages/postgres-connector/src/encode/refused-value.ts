/** A value that the column cannot take. Its message never holds the value, and is put behind the name of the column. */
export class RefusedValue extends Error {
  override readonly name = 'RefusedValue';
}

/** A row that was not written, for a value in it. */
export class RefusedRow extends Error {
  override readonly name = 'RefusedRow';

  constructor(
    /** Its place among the rows that were being written. */
    readonly row: number,
    readonly column: string,
    cause: RefusedValue,
  ) {
    super(`column ${JSON.stringify(column)} ${cause.message}`, { cause });
  }
}
