import type { Data } from 'apache-arrow';
import type { ColumnWriter } from './column-writers.js';
import { RefusedValue } from './refused-value.js';
import { writeBytes } from './text.js';

/** Text or bytes, each with others before it if there is a `prefix`. */
export function writeVariable(prefix?: number): ColumnWriter {
  return ({ values, valueOffsets }) => {
    const bytes = values as Uint8Array;
    const offsets = valueOffsets as Int32Array;
    return (output, row) => {
      writeBytes(output, bytes, offsets[row] as number, offsets[row + 1] as number, prefix);
    };
  };
}

/** The same, with offsets of 64 bits. */
export function writeLargeVariable(prefix?: number): ColumnWriter {
  return ({ values, valueOffsets }) => {
    const bytes = values as Uint8Array;
    const offsets = valueOffsets as BigInt64Array;
    return (output, row) => {
      writeBytes(output, bytes, Number(offsets[row]), Number(offsets[row + 1]), prefix);
    };
  };
}

/** Values that are told by their place in a dictionary, which may be in several parts. */
export function writeDictionary(inner: ColumnWriter): ColumnWriter {
  return (data) => {
    const parts = (data.dictionary?.data ?? []).map((part: Data) => ({ part, write: inner(part) }));
    const keys = data.values as ArrayLike<number | bigint>;
    return (output, row) => {
      let key = Number(keys[row]);
      for (const { part, write } of parts) {
        if (key < part.length) {
          if (part.getValid(key)) write(output, key);
          else output.int32(-1);
          return;
        }
        key -= part.length;
      }
      throw new RefusedValue('has a key that its dictionary does not have');
    };
  };
}
