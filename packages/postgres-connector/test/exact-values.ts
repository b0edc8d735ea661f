import { type Data, DataType, type RecordBatch } from 'apache-arrow';

/**
 * The values of a batch just as its memory has them: a date is its days, a timestamp its microseconds, a decimal its
 * scaled value, bytes are hex. A list is an array, and a struct an object.
 */
export function exactRows(batches: readonly RecordBatch[]): Record<string, unknown>[] {
  return batches.flatMap(({ numRows, data }) =>
    Array.from({ length: numRows }, (_, row) => exactValue(data, row) as Record<string, unknown>),
  );
}

function exactValue(data: Data, index: number): unknown {
  if (!data.getValid(index)) return null;
  const type: unknown = data.type;
  const values = data.values as { readonly [index: number]: unknown };
  const slice = (start: number, end: number): Buffer => {
    return Buffer.from((data.values as Uint8Array).subarray(start, end));
  };
  const [from = 0, to = 0] = (data.valueOffsets as Int32Array | undefined)?.subarray(index, index + 2) ?? [];
  if (DataType.isList(type)) {
    return Array.from({ length: to - from }, (_, item) => exactValue(data.children[0] as Data, from + item));
  }
  if (DataType.isStruct(type)) {
    return Object.fromEntries(
      type.children.map(({ name }, child) => [name, exactValue(data.children[child] as Data, index)]),
    );
  }
  if (DataType.isUtf8(type)) return slice(from, to).toString();
  if (DataType.isBinary(type)) return slice(from, to).toString('hex');
  if (DataType.isFixedSizeBinary(type)) return slice(16 * index, 16 * index + 16).toString('hex');
  if (DataType.isBool(type))
    return (((data.values as Uint8Array)[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  if (DataType.isDecimal(type)) return scaledValue(data.values as Uint32Array, 4 * index);
  if (DataType.isInterval(type)) return intervalParts(data.values as Int32Array, 4 * index);
  return values[index];
}

function scaledValue(words: Uint32Array, start: number): bigint {
  return BigInt.asIntN(
    128,
    words.subarray(start, start + 4).reduceRight((value, word) => (value << 32n) | BigInt(word), 0n),
  );
}

function intervalParts(words: Int32Array, start: number): unknown {
  const [months = 0, days = 0, low = 0, high = 0] = words.subarray(start, start + 4);
  return { months, days, nanoseconds: (BigInt(high) << 32n) | BigInt(low >>> 0) };
}
