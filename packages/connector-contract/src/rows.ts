import type { RecordBatch } from 'apache-arrow';
import { FlatIterator } from './flat-iterator.js';
import { type ResolvedRowOptions, resolveRowOptions, type RowOptions } from './row-options.js';
import { recordReader } from './value-reader.js';

/** A row as a plain object: column name to value, in the order of the columns. */
export type Row = Record<string, unknown>;

/**
 * Gives the rows of batches one by one, as plain objects in which no value has lost anything:
 *
 * | Arrow | value |
 * |---|---|
 * | null | `null` |
 * | Bool | boolean |
 * | Int8 to Int32, Uint8 to Uint32, Float | number |
 * | Int64, Uint64 | bigint; text or number by the option `int64` |
 * | Decimal | text with all digits of its scale, such as `'-1.50'`; number by the option `decimal` |
 * | Utf8 | text |
 * | Utf8 marked `arrow.json` | text; what `JSON.parse` gives by the option `json` |
 * | Binary, FixedSizeBinary | Uint8Array, a view of the batch's memory; text by the option `bytes` |
 * | FixedSizeBinary(16) marked `arrow.uuid` | text, such as `'6f2c1a4e-…'` |
 * | Date | `'2024-01-31'` |
 * | Time | `'10:00:00.123456'` |
 * | Timestamp | `'2024-01-31T10:00:00.123456'`, with `Z` if the column has a time zone |
 * | Interval | `'P1Y2M-3DT4H5M6.000007S'`, each part with its own sign, none that is 0; `'PT0S'` if all are |
 * | List | array |
 * | Struct | object |
 *
 * Times have as many digits as their unit, intervals as many as they need. A year outside 0 to 9999 has a sign and six digits. The
 * ends of the integers that carry a date, timestamp or interval stand for `'infinity'` and `'-infinity'`. Any other type gives
 * what Arrow gives.
 *
 * Convenient, and several times slower than columns. Batches are taken one at a time, as the rows are consumed.
 *
 * @throws ConnectorError `invalid-option` for the options; `invalid-data`, when it is read, for a value that cannot be had as they say.
 */
export function rows(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  options: RowOptions = {},
): AsyncGenerator<Row, void, undefined> {
  return new FlatIterator(rowsOfEach(batches, resolveRowOptions(options)));
}

/** The rows of one batch. Without the wait of `rows` for each, and so the fastest way to them. */
export function rowsOf(batch: RecordBatch, options: RowOptions = {}): Generator<Row, void, undefined> {
  return rowsWithin(batch, resolveRowOptions(options));
}

async function* rowsOfEach(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  options: ResolvedRowOptions,
): AsyncGenerator<Iterator<Row, void>, void, undefined> {
  for await (const batch of batches) yield rowsWithin(batch, options);
}

function* rowsWithin(batch: RecordBatch, options: ResolvedRowOptions): Generator<Row, void, undefined> {
  const { fields } = batch.schema;
  const read = recordReader(fields, batch.data.children, ({ name }) => ({ options, column: name }));
  for (let index = 0; index < batch.numRows; index++) yield read(index);
}
