import {
  type Checkpoint,
  type ConnectionReport,
  ConnectorError,
  type Destination,
  isTransient,
  type Row,
  type StreamName,
  type WriteReport,
} from '@sqlflow/connector-contract';
import { type Clock, exponentialBackoff, type Policy, retry, systemClock } from '@sqlflow/resilience';
import type { RecordBatch } from 'apache-arrow';
import { setMaxListeners } from 'node:events';
import { batchBlocks } from './batch-blocks.js';
import { BlockReader } from './block-reader.js';
import type { BlockKind } from './blocks.js';
import { commit } from './commit.js';
import {
  type PostgresDestinationOptions,
  type PostgresRowWriteOptions,
  type PostgresWriteOptions,
  type ResolvedDestinationOptions,
  type ResolvedWriteOptions,
  resolveDestinationOptions,
  resolveRowWriteOptions,
  resolveWriteOptions,
  resolveWrittenStream,
} from './destination-options.js';
import { checkSchemas } from './plan/catalog.js';
import { findTable, loadCheckpoint, type QualifiedName } from './plan/checkpoint-table.js';
import { quoteQualified } from './plan/identifier.js';
import { inBlocks, rowBlocks } from './row-blocks.js';
import { checkConnection } from './session/connection-check.js';
import { SessionPool } from './session/session-pool.js';
import { TableWrite } from './table-write.js';
import { WriteSession } from './write-session.js';

/** Writes to tables of one PostgreSQL database. */
export class PostgresDestination implements Destination {
  readonly #options: ResolvedDestinationOptions;
  readonly #clock: Clock;
  readonly #pool: SessionPool;
  readonly #policy: Policy;
  readonly #writes = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  /** @throws ConnectorError `invalid-option` */
  constructor(options: PostgresDestinationOptions, clock: Clock = systemClock) {
    this.#options = resolveDestinationOptions(options);
    this.#clock = clock;
    this.#pool = new SessionPool(this.#options, clock);
    // Every running call listens to it, however many there are.
    setMaxListeners(0, this.#closing.signal);
    const { maxAttempts, initialDelayMs, maxDelayMs } = this.#options.retry;
    const backoff = exponentialBackoff({ initialMs: initialDelayMs, maxMs: maxDelayMs });
    this.#policy = retry({ maxAttempts, backoff, isTransient }, clock);
  }

  async testConnection(signal?: AbortSignal): Promise<ConnectionReport> {
    const schemas = checkSchemas([this.#options.schema]);
    return this.#policy(
      (attempt) => checkConnection(this.#options, schemas, this.#clock, attempt.signal),
      this.#endingWith(signal),
    );
  }

  /**
   * Writes all batches in one transaction, with the checkpoint if there is one. The columns of the first batch are those of
   * the write; they are matched to those of the table by name.
   *
   * @throws ConnectorError `not-found` if there is no such table, `invalid-option` for a key that rows cannot be merged by,
   * `invalid-data` for columns that do not go with the table, before anything is written, and for a row that it cannot take.
   * @throws ConnectorError that is transient, with `effect: 'unknown'` only if no answer came to the COMMIT and it could not
   * be found out what became of it.
   */
  async write(
    stream: StreamName,
    batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
    options: PostgresWriteOptions,
  ): Promise<WriteReport> {
    return this.#write(stream, batches, batchBlocks, resolveWriteOptions(options));
  }

  /**
   * The same for plain objects, with values as `rows()` gives them. What a row lacks is NULL. They are encoded by the types
   * of the table's columns.
   *
   * @throws ConnectorError as `write`
   */
  async writeRows(
    stream: StreamName,
    rows: AsyncIterable<Row> | Iterable<Row>,
    options: PostgresRowWriteOptions,
  ): Promise<WriteReport> {
    return this.#write(stream, inBlocks(rows), rowBlocks, resolveRowWriteOptions(options));
  }

  async committedCheckpoint(stream: StreamName, signal?: AbortSignal): Promise<Checkpoint | undefined> {
    const name = this.#nameOf(stream);
    const table = this.#checkpointTable;
    const doing = `looking for the checkpoint of ${quoteQualified(name.namespace, name.name)}`;
    const ending = this.#endingWith(signal);
    ending.throwIfAborted();
    return this.#policy(async (attempt) => {
      const session = await this.#pool.borrow(attempt.signal);
      try {
        const [there] = await session.query(findTable(table), doing, attempt.signal);
        const [row] =
          there?.['found'] === 't'
            ? await session.query(loadCheckpoint(table, name), doing, attempt.signal, { commit: true })
            : [];
        session.giveBack();
        const text = row?.['checkpoint'] ?? undefined;
        return text === undefined ? undefined : (JSON.parse(text) as Checkpoint);
      } finally {
        await session.close();
      }
    }, ending);
  }

  /** Ends what is being written, none of which is seen then, and closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(
      new ConnectorError('closed', 'the destination was closed', { kind: 'terminal', effect: 'none' }),
    );
    await Promise.allSettled(this.#writes);
    await this.#pool.end();
  }

  async #write<Block>(
    stream: StreamName,
    given: AsyncIterable<Block> | Iterable<Block>,
    kind: BlockKind<Block>,
    options: ResolvedWriteOptions,
  ): Promise<WriteReport> {
    const name = this.#nameOf(stream);
    const signal = this.#endingWith(options.signal);
    signal.throwIfAborted();
    const writing = this.#perform(name, new BlockReader(given, this.#clock), kind, options, signal);
    this.#writes.add(writing);
    try {
      return await writing;
    } finally {
      this.#writes.delete(writing);
    }
  }

  async #perform<Block>(
    stream: QualifiedName,
    blocks: BlockReader<Block>,
    kind: BlockKind<Block>,
    options: ResolvedWriteOptions,
    signal: AbortSignal,
  ): Promise<WriteReport> {
    const doing = `writing ${quoteQualified(stream.namespace, stream.name)}`;
    const all = { ...options, stream, checkpointTable: this.#checkpointTable };
    try {
      const { session, write } = await this.#policy(async () => {
        const session = new WriteSession(await this.#pool.borrow(signal), doing, signal);
        const write = new TableWrite(session, kind, all);
        try {
          await write.open();
          return { session, write };
        } catch (error) {
          await session.abandon(error);
          throw error;
        }
      }, signal);
      try {
        const report = await write.perform(blocks);
        await commit(session, this.#pool, this.#policy);
        return report;
      } catch (error) {
        await session.abandon(error);
        throw error;
      }
    } catch (error) {
      await blocks.end();
      throw error;
    }
  }

  #nameOf(stream: StreamName): QualifiedName {
    const { name, namespace = this.#options.schema } = resolveWrittenStream(stream);
    return { namespace, name };
  }

  get #checkpointTable(): QualifiedName {
    return { namespace: this.#options.schema, name: this.#options.checkpointTable };
  }

  #endingWith(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, signal]);
  }
}

/** Makes a destination. Nothing is connected to until it is used. @throws ConnectorError `invalid-option` */
export function postgresDestination(options: PostgresDestinationOptions): PostgresDestination {
  return new PostgresDestination(options);
}
