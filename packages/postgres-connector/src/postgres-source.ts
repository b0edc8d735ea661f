import {
  type ConnectionReport,
  ConnectorError,
  isTransient,
  type ReadOptions,
  type Source,
  type StreamInfo,
  type StreamName,
} from '@sqlflow/connector-contract';
import { type Clock, exponentialBackoff, type Policy, retry, systemClock } from '@sqlflow/resilience';
import type { RecordBatch } from 'apache-arrow';
import { setMaxListeners } from 'node:events';
import { isDecodable } from './decode/column-types.js';
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

interface Table {
  readonly namespace: string;
  readonly name: string;
}

/** Reads tables and views of one PostgreSQL database. */
export class PostgresSource implements Source {
  readonly #options: ResolvedSourceOptions;
  readonly #clock: Clock;
  readonly #pool: SessionPool;
  readonly #policy: Policy;
  readonly #readers = new Set<TableReader>();
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
    const rows = await this.#policy(
      (attempt) =>
        this.#withSession((session) => {
          return session.query(listTables(this.#options.schema), 'listing the tables', attempt.signal, {
            commit: true,
          });
        }, attempt.signal),
      this.#endingWith(signal),
    );
    const { numericAs } = this.#options;
    return toTableDescriptions(rows).map((table) => toStreamInfo(table, numericAs));
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
      const plan = planRead(await describe(session, table, doing, signal), columns, isDecodable);
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

  async #end(reader: TableReader, reason: unknown): Promise<void> {
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
