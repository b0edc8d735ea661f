import type { RecordBatch } from 'apache-arrow';
import type { ConnectionReport } from './connection-report.js';
import type { Filter } from './filter.js';
import type { StreamInfo, StreamName } from './stream-info.js';

export interface ReadOptions {
  /** Columns to read, in this order. @defaultValue all, in the order of the stream's schema */
  readonly columns?: readonly string[];
  /** What a row must fulfil to be read. A source that cannot filter refuses it, `invalid-option`. @defaultValue every row */
  readonly filter?: Filter;
  /** Most rows in one batch, 1 to 1_048_576. @defaultValue 8192 */
  readonly batchRows?: number;
  /** Ends the read: the iterator throws `signal.reason`, and nothing of the read keeps running on the server. */
  readonly signal?: AbortSignal;
}

/** A place that records are read from. Constructing one connects to nothing; disposing of it ends what it opened. */
export interface Source extends AsyncDisposable {
  /**
   * Connects as a read would and says, stage by stage, how far it came.
   *
   * @throws ConnectorError `connection-refused`, `host-not-found`, `timeout` or `unavailable` if no server answered,
   * after the retries of the options. What a server that answers has to object is in the report.
   */
  testConnection(signal?: AbortSignal): Promise<ConnectionReport>;

  /** The streams that these credentials may read, ordered by namespace and name. */
  discover(signal?: AbortSignal): Promise<readonly StreamInfo[]>;

  /**
   * Reads one stream from beginning to end, in one snapshot, in batches of columns; in no stated order.
   * Nothing is fetched faster than it is consumed. Leaving the loop early ends the read on the server.
   * A batch belongs to the caller: it is never written to again.
   */
  read(stream: StreamName, options?: ReadOptions): AsyncIterable<RecordBatch>;
}
