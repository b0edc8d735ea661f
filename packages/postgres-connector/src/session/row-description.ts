/** What the server says of one column of a result. */
export interface DescribedColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
}

/** Reads the payload of a RowDescription message. @throws RangeError if it is cut short. */
export function parseRowDescription(payload: Uint8Array): DescribedColumn[] {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const columns: DescribedColumn[] = [];
  let position = 2;
  for (let count = bytes.readInt16BE(0); count > 0; count--) {
    const nameEnd = bytes.indexOf(0, position);
    if (nameEnd < 0) throw new RangeError('a column name has no end');
    const name = bytes.toString('utf8', position, nameEnd);
    // After the name: table 4 bytes, column 2, type 4, its size 2, its modifier 4, format 2.
    const fixed = nameEnd + 1;
    columns.push({
      name,
      typeOid: bytes.readUInt32BE(fixed + 6),
      typeModifier: bytes.readInt32BE(fixed + 12),
    });
    position = fixed + 18;
  }
  return columns;
}
