import {
  type ConnectionReport,
  ConnectorError,
  type IncrementalBatch,
  type IncrementalSource,
  isTransient,
  type ReadOptions,
  type StreamInfo,
  type StreamName,
} from '@sqlflow/connector-contract';
import { type Clock, exponentialBackoff, type Policy, retry, systemClock } from '@sqlflow/resilience';
import type { RecordBatch } from 'apache-arrow';
import { setMaxListeners } from 'node:events';
import { isDecodable } from './decode/column-types.js';
import {
  type IncrementalReport,
  type PostgresIncrementalOptions,
  resolveIncrementalOptions,
} from './incremental/incremental-options.js';
import { IncrementalRead } from './incremental/incremental-read.js';
import { IncrementalReader } from './incremental/incremental-reader.js';
import {
  type PostgresSourceOptions,
  type ResolvedReadOptions,
  type ResolvedSourceOptions,
  resolveReadOptions,
  resolveSourceOptions,
  resolveStreamName,
} from './options.js';
import { checkSchemas, describeTable, listTables, toTableDescriptions } from './plan/catalog.js';
import { quoteQualified } from './plan/identifier.js';
import { planRead } from './plan/read-plan.js';
import type { TableDescription } from './plan/table-description.js';
import { checkConnection } from './session/connection-check.js';
import type { Session } from './session/session.js';
import { SessionPool } from './session/session-pool.js';
import { toStreamInfo } from './stream-info.js';
import { TableReader } from './table-reader.js';
import { withTypes } from './type-lookup.js';

interface Table {
  readonly namespace: string;
  readonly name: string;
}

/** What is being read, until it is ended. */
interface Reader {
  end(reason: unknown): Promise<void>;
}

/** Reads tables and views of one PostgreSQL database. */
export class PostgresSource implements IncrementalSource {
  readonly #options: ResolvedSourceOptions;
  readonly #clock: Clock;
  readonly #pool: SessionPool;
  readonly #policy: Policy;
  readonly #readers = new Set<Reader>();
  readonly #closing = new AbortController();

  /** @throws ConnectorError `invalid-option` */
  constructor(options: PostgresSourceOptions, clock: Clock = systemClock) {
    this.#options = resolveSourceOptions(options);
    this.#clock = clock;
    this.#pool = new SessionPool(this.#options, clock);
    // Every running call listens to it, however many there are.
    setMaxListeners(0, this.#closing.signal);
    const { maxAttempts, initialDelayMs, maxDelayMs } = this.#options.retry;
    const backoff = exponentialBackoff({ initialMs: initialDelayMs, maxMs: maxDelayMs });
    this.#policy = retry({ maxAttempts, backoff, isTransient }, clock);
  }

  async testConnection(signal?: AbortSignal): Promise<ConnectionReport> {
    const schemas = checkSchemas(this.#options.schema);
    return this.#policy(
      (attempt) => checkConnection(this.#options, schemas, this.#clock, attempt.signal),
      this.#endingWith(signal),
    );
  }

  /** Estimates come from the catalogue; no table is opened and no lock on one is waited for. */
  async discover(signal?: AbortSignal): Promise<readonly StreamInfo[]> {
    const { schema, numericAs, arraysAs } = this.#options;
    const list = async (session: Session, ending?: AbortSignal): Promise<readonly TableDescription[]> => {
      const doing = 'listing the tables';
      const rows = await session.query(listTables(schema), doing, ending);
      return withTypes(session, toTableDescriptions(rows), { arraysAs, doing, signal: ending });
    };
    const tables = await this.#policy(
      (attempt) => this.#withSession((session) => list(session, attempt.signal), attempt.signal),
      this.#endingWith(signal),
    );
    return tables.map((table) => toStreamInfo(table, numericAs));
  }

  /**
   * Reads one table or view. What is wrong with the arguments is thrown by the iterator, too.
   * Until the first batch is there, a transient failure is retried as the options say; after that nothing is.
   * No batch is empty, so an empty table gives none.
   *
   * @throws ConnectorError `not-found` if there is no such table, `permission-denied` if the role may not read it,
   * `invalid-option` for an unknown column, `invalid-data` for a value that its Arrow type cannot hold,
   * `closed` if the source is disposed of meanwhile.
   */
  async *read(stream: StreamName, options: ReadOptions = {}): AsyncGenerator<RecordBatch, void, undefined> {
    const { name, namespace = this.#options.schema[0] ?? 'public' } = resolveStreamName(stream);
    const resolved = resolveReadOptions(options);
    const signal = this.#endingWith(resolved.signal);
    const reader = await this.#policy(
      (attempt) => this.#open({ namespace, name }, resolved, attempt.signal),
      signal,
    );
    const onAbort = (): void => void reader.end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (let batch = await reader.next(); batch !== undefined; batch = await reader.next()) {
        signal.throwIfAborted();
        yield batch;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      await this.#end(reader, closed('the read was ended by its consumer'));
    }
  }

  /**
   * Reads what is new beyond the checkpoint; what is wrong with the arguments is thrown by the iterator. A transient failure is
   * retried as the options say, from the last batch that was handed over.
   *
   * Rows of equal cursors are told apart by the key, and rows that are committed late are found as `commitSafety` says; what
   * is guaranteed is in the `report` of the read. The first read gives all rows, in the order of cursor and key.
   * Rows that were deleted are not seen, nor are the versions of a row between two reads.
   *
   * @throws ConnectorError as `read` does; `invalid-option` for a checkpoint of another stream, server, cursor, key or format, and
   * for a stream without a key; `invalid-data` for a NULL cursor with `nullCursors: 'error'`, and for a named `key` that does not
   * tell rows apart.
   */
  readIncremental(stream: StreamName, options: PostgresIncrementalOptions): IncrementalRead {
    return new IncrementalRead((tell) => this.#readIncrementally(stream, options, tell));
  }

  async *#readIncrementally(
    stream: StreamName,
    options: PostgresIncrementalOptions,
    tell: (report: IncrementalReport) => void,
  ): AsyncGenerator<IncrementalBatch, void, undefined> {
    const { name, namespace = this.#options.schema[0] ?? 'public' } = resolveStreamName(stream);
    const resolved = resolveIncrementalOptions(options);
    const signal = this.#endingWith(resolved.signal);
    const reader = new IncrementalReader({
      namespace,
      name,
      options: resolved,
      numericAs: this.#options.numericAs,
      arraysAs: this.#options.arraysAs,
      borrow: (attempt) => this.#pool.borrow(attempt),
      tell,
    });
    this.#readers.add(reader);
    const onAbort = (): void => void reader.end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        const next = await this.#policy((attempt) => reader.next(attempt.signal), signal);
        if (next === undefined) return;
        signal.throwIfAborted();
        yield next;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      await this.#end(reader, closed('the read was ended by its consumer'));
    }
  }

  /** Ends what is being read, and closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const reason = closed('the source was closed');
    this.#closing.abort(reason);
    await Promise.all([...this.#readers].map((reader) => this.#end(reader, reason)));
    await this.#pool.end();
  }

  /** Begins a read and waits for its first batch, so that all until then can be tried again. */
  async #open(
    table: Table,
    { columns, batchRows }: ResolvedReadOptions,
    signal: AbortSignal | undefined,
  ): Promise<TableReader> {
    const doing = `reading ${quoteQualified(table.namespace, table.name)}`;
    const session = await this.#pool.borrow(signal);
    let reader: TableReader;
    try {
      const described = await describe(session, table, doing, signal);
      const { arraysAs } = this.#options;
      const [typed = described] = await withTypes(session, [described], { arraysAs, doing, signal });
      const plan = planRead(typed, columns, isDecodable);
      reader = new TableReader(session, plan, { batchRows, numericAs: this.#options.numericAs }, doing);
    } catch (error) {
      await session.close();
      throw error;
    }
    this.#readers.add(reader);
    const onAbort = (): void => void reader.end(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await reader.begin();
      return reader;
    } catch (error) {
      await this.#end(reader, error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async #end(reader: Reader, reason: unknown): Promise<void> {
    await reader.end(reason);
    this.#readers.delete(reader);
  }

  async #withSession<T>(work: (session: Session) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const session = await this.#pool.borrow(signal);
    try {
      const result = await work(session);
      session.giveBack();
      return result;
    } finally {
      // After a failure the state of the connection is not worth finding out.
      await session.close();
    }
  }

  #endingWith(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, signal]);
  }
}

/** Makes a source. Nothing is connected to until it is used. @throws ConnectorError `invalid-option` */
export function postgresSource(options: PostgresSourceOptions): PostgresSource {
  return new PostgresSource(options);
}

async function describe(
  session: Session,
  { namespace, name }: Table,
  doing: string,
  signal: AbortSignal | undefined,
): Promise<TableDescription> {
  const rows = await session.query(describeTable(namespace, name), doing, signal);
  const [table] = toTableDescriptions(rows);
  if (table !== undefined) return table;
  throw new ConnectorError('not-found', `${doing} failed: there is no such table or view`, {
    kind: 'terminal',
    effect: 'none',
  });
}

function closed(message: string): ConnectorError {
  return new ConnectorError('closed', message, { kind: 'terminal', effect: 'none' });
}
