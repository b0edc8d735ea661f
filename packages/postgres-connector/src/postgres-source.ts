import {
  type ConnectionReport,
  type IncrementalBatch,
  type IncrementalSource,
  isTransient,
  type Partition,
  type PartitionedSource,
  type PartitionOptions,
  type ReadOptions,
  type ResumableSource,
  type StreamInfo,
  type StreamName,
} from '@sqlflow/connector-contract';
import { type Clock, exponentialBackoff, type Policy, retry, systemClock } from '@sqlflow/resilience';
import type { RecordBatch } from 'apache-arrow';
import { setMaxListeners } from 'node:events';
import { isDecodable } from './decode/column-types.js';
import { describeRelation, notFound } from './describe-relation.js';
import {
  type IncrementalRead,
  type PostgresIncrementalOptions,
  resolveIncrementalOptions,
} from './incremental/incremental-options.js';
import { RunningIncrementalRead } from './incremental/incremental-read.js';
import { IncrementalReader } from './incremental/incremental-reader.js';
import { type PostgresSourceOptions, type ResolvedSourceOptions, resolveSourceOptions } from './options.js';
import { PartitionSets } from './partitioning.js';
import { checkSchemas, listTables, toTableDescriptions } from './plan/catalog.js';
import { planSlice } from './plan/partition-plan.js';
import { planRead } from './plan/read-plan.js';
import { type Relation, resolveRelation, titleOf } from './plan/relation.js';
import type { TableDescription } from './plan/table-description.js';
import {
  type PostgresPartitionSet,
  type PostgresResumableOptions,
  resolvePartition,
  resolvePartitionOptions,
  resolveReadOptions,
  resolveResumableOptions,
  resolveStreamName,
} from './read-options.js';
import { closed, Reads } from './reads.js';
import { ResumableRead } from './resumable-read.js';
import { checkConnection } from './session/connection-check.js';
import type { Session } from './session/session.js';
import { SessionPool } from './session/session-pool.js';
import { toStreamInfo } from './stream-info.js';
import { withTypes } from './type-lookup.js';

/** Reads tables, views and queries of one PostgreSQL database. */
export class PostgresSource implements IncrementalSource, PartitionedSource, ResumableSource {
  readonly #options: ResolvedSourceOptions;
  readonly #clock: Clock;
  readonly #pool: SessionPool;
  readonly #policy: Policy;
  readonly #reads: Reads;
  readonly #partitionSets: PartitionSets;
  readonly #closing = new AbortController();

  /** @throws ConnectorError `invalid-option` */
  constructor(options: PostgresSourceOptions, clock: Clock = systemClock) {
    this.#options = resolveSourceOptions(options);
    this.#clock = clock;
    this.#pool = new SessionPool(this.#options, clock);
    this.#reads = new Reads(this.#pool, this.#options);
    this.#partitionSets = new PartitionSets(this.#pool);
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

  /**
   * Estimates come from the catalogue; no table is opened and no lock on one is waited for. Queries come first; each is
   * described by the server, which opens what they read.
   */
  async discover(signal?: AbortSignal): Promise<readonly StreamInfo[]> {
    const { numericAs, arraysAs, queries, schema } = this.#options;
    const doing = 'listing the tables';
    const tables = await this.#policy(
      (attempt) =>
        this.#withSession(async (session) => {
          const described: TableDescription[] = [];
          for (const name of [...queries.keys()].sort()) {
            const relation = this.#relationOf({ namespace: '', name });
            described.push(
              await describeRelation(session, relation, `describing ${titleOf(relation)}`, attempt.signal),
            );
          }
          const rows = await session.query(listTables(schema), doing, attempt.signal);
          const all = [...described, ...toTableDescriptions(rows)];
          return withTypes(session, all, { arraysAs, doing, signal: attempt.signal });
        }, attempt.signal),
      this.#endingWith(signal),
    );
    return tables.map((table) => toStreamInfo(table, numericAs));
  }

  /**
   * Reads one stream: a table, a view or the like, or a query. What is wrong with the arguments is thrown by the iterator, too.
   * Until the first batch is there, a transient failure is retried as the options say; after that nothing is.
   * No batch is empty, so an empty table gives none.
   *
   * @throws ConnectorError `not-found` if there is no such table, `permission-denied` if the role may not read it,
   * `invalid-option` for an unknown column or a condition that makes no sense, `invalid-data` for a value that its Arrow type cannot hold,
   * `closed` if the source is disposed of meanwhile.
   */
  async *read(stream: StreamName, options: ReadOptions = {}): AsyncGenerator<RecordBatch, void, undefined> {
    const relation = this.#relationOf(stream);
    const { columns, filter, batchRows, signal } = resolveReadOptions(options);
    const doing = `reading ${titleOf(relation)}`;
    yield* this.#reads.batches(
      {
        doing,
        batchRows,
        plan: async (session, ending) =>
          planRead(
            await this.#reads.describe(session, relation, doing, ending),
            columns,
            isDecodable,
            filter,
          ),
      },
      this.#policy,
      this.#endingWith(signal),
    );
  }

  /**
   * Cuts a stream into slices of one exported snapshot, which a connection holds until what this gives is disposed of, or
   * the source is. It is one of `maxConnections`. Tables are cut by where their rows are stored; views, queries, foreign
   * tables, and partitioned tables whose partitions the role may not read, by ranges of `key`, else of the primary key's
   * first column, which takes one pass over all rows.
   *
   * @param count - Most slices, 1 to 10,000.
   */
  async partitions(
    stream: StreamName,
    count: number,
    options: PartitionOptions = {},
  ): Promise<PostgresPartitionSet> {
    const relation = this.#relationOf(stream);
    const resolved = resolvePartitionOptions(count, options);
    return this.#policy(
      (attempt) => this.#partitionSets.make(relation, resolved, attempt.signal),
      this.#endingWith(resolved.signal),
    );
  }

  /**
   * Reads one slice, as `read` reads a stream, in any process and from any source of the same database.
   *
   * @throws ConnectorError as `read` does; `not-found` if the snapshot of the slice is not held any more.
   */
  async *readPartition(
    partition: Partition,
    options: ReadOptions = {},
  ): AsyncGenerator<RecordBatch, void, undefined> {
    const { stream, snapshot, slice } = resolvePartition(partition);
    const relation = this.#relationOf(stream);
    const { columns, filter, batchRows, signal } = resolveReadOptions(options);
    const doing = `reading a slice of ${titleOf(relation)}`;
    yield* this.#reads.batches(
      {
        doing,
        batchRows,
        snapshot,
        plan: async (session, ending) =>
          planSlice(
            await this.#reads.describe(session, relation, doing, ending),
            slice,
            columns,
            isDecodable,
            filter,
          ),
      },
      this.#policy,
      this.#endingWith(signal),
    );
  }

  /**
   * Reads all of a stream in the order of its key, and can be gone on with after any batch, as the contract has it. Each call
   * reads in one snapshot; so does each attempt after its connection broke. With `snapshot`, all of them read in that one,
   * and the union of all batches is exactly what it holds.
   *
   * @throws ConnectorError as `read` does; `unsupported` if the stream has no key and none is named, `invalid-data` if
   * the columns named have null or, at the end of a batch, turn out not to tell rows apart.
   */
  async *readResumable(
    stream: StreamName,
    options: PostgresResumableOptions = {},
  ): AsyncGenerator<IncrementalBatch, void, undefined> {
    const resolved = resolveResumableOptions(options);
    const read = new ResumableRead(this.#reads, this.#relationOf(stream), resolved);
    yield* read.batches(this.#policy, this.#endingWith(resolved.signal));
  }

  /**
   * Reads what is new beyond the checkpoint; what is wrong with the arguments is thrown by the iterator. A transient failure is
   * retried as the options say, from the last batch that was handed over.
   *
   * Rows of equal cursors are told apart by the key, and rows that are committed late are found as `commitSafety` says; what
   * is guaranteed is in the `report` of the read. The first read gives all rows, in the order of cursor and key.
   * Rows that were deleted are not seen, nor are the versions of a row between two reads.
   *
   * @throws ConnectorError as `read` does; `invalid-option` for a checkpoint of another stream, server, cursor, key or format,
   * `unsupported` for a stream without a key; `invalid-data` for a NULL cursor with `nullCursors: 'error'`, and for a named
   * `key` that does not tell rows apart.
   */
  readIncremental(stream: StreamName, options: PostgresIncrementalOptions): IncrementalRead {
    const begin = (): IncrementalReader =>
      new IncrementalReader(this.#reads, this.#relationOf(stream), resolveIncrementalOptions(options));
    return new RunningIncrementalRead(begin, this.#policy, () => this.#endingWith(options.signal));
  }

  /** Ends what is being read, and closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const reason = closed('the source was closed');
    this.#closing.abort(reason);
    await this.#reads.endAll(reason);
    await this.#partitionSets.endAll();
    await this.#pool.end();
  }

  #relationOf(stream: StreamName): Relation {
    const name = resolveStreamName(stream);
    const { queries, schema } = this.#options;
    const relation = resolveRelation(name, queries, schema[0] ?? 'public');
    if (relation !== undefined) return relation;
    throw notFound(
      `there is no query of the name ${JSON.stringify(name.name)} in the options of this source (queries)`,
    );
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
