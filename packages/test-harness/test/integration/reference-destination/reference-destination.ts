import {
  type Checkpoint,
  type ConnectionReport,
  ConnectorError,
  type Destination,
  type StreamName,
  type WriteOptions,
  type WriteReport,
} from '@sqlflow/connector-contract';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import type { RecordBatch } from 'apache-arrow';
import type { ReferenceSession } from '../reference/reference-session.js';
import { ReferenceSource } from '../reference/reference-source.js';
import type { DestinationDefect } from './defects.js';
import { findCheckpoint, saveCheckpoint } from './reference-checkpoint.js';
import { ReferenceSessions, unknownEffect } from './reference-sessions.js';
import { ReferenceTable } from './reference-table.js';

type Batches = AsyncIterable<RecordBatch> | Iterable<RecordBatch>;

/**
 * The simplest destination that meets every requirement, slow and for PostgreSQL alone; or one that does a single thing wrong.
 * It shows that the suite can be passed, and that each of its requirements can fail.
 */
export class ReferenceDestination implements Destination {
  readonly #endpoint: PostgresEndpoint;
  readonly #sessions: ReferenceSessions;
  readonly #replaced = new Set<string>();

  constructor(
    endpoint: PostgresEndpoint,
    private readonly defect?: DestinationDefect,
  ) {
    this.#endpoint = endpoint;
    this.#sessions = new ReferenceSessions('destination', endpoint, {
      isDeaf: defect === 'aborted-writes-leave-nothing',
      isTelling: defect === 'secrets-are-never-shown',
    });
  }

  async testConnection(): Promise<ConnectionReport> {
    const { defect } = this;
    const isOfConnections =
      defect === 'connection-report' ||
      defect === 'connection-report-failed-stage' ||
      defect === 'secrets-are-never-shown';
    await using source = new ReferenceSource(this.#endpoint, isOfConnections ? defect : undefined);
    return await source.testConnection();
  }

  async write(stream: StreamName, batches: Batches, options: WriteOptions): Promise<WriteReport> {
    const { defect } = this;
    try {
      return await this.#sessions.during(options.signal, (session, signal) =>
        this.#writeOn(session, stream, batches, options, signal),
      );
    } catch (error) {
      if (defect === 'errors-have-codes' && error instanceof ConnectorError && error.cause)
        throw error.cause as Error;
      if (defect === 'effects-are-always-unknown') throw unknownEffect(error);
      const isMadeAgain = defect === 'repeatable-after-lost-answers' && options.mode === 'replace';
      if (!isMadeAgain || !isUnknown(error)) throw error;
      return await this.write(stream, batches, { ...options, mode: 'append' });
    }
  }

  committedCheckpoint({ name }: StreamName, signal?: AbortSignal): Promise<Checkpoint | undefined> {
    return this.#sessions.during(signal, (session) => findCheckpoint(session, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sessions.close();
  }

  async #writeOn(
    session: ReferenceSession,
    { name }: StreamName,
    batches: Batches,
    options: WriteOptions,
    signal: AbortSignal,
  ): Promise<WriteReport> {
    const { defect } = this;
    const { mode, checkpoint } = options;
    const table = await ReferenceTable.describe(session, name, options, defect);
    const isAdded = defect === 'writes-can-be-repeated' && this.#replaced.has(name);
    if (checkpoint && defect === 'checkpoint-goes-with-rows') await saveCheckpoint(session, name, checkpoint);
    if (mode === 'replace' && defect === 'replace-is-atomic') await table.empty();
    await session.query('BEGIN');
    const isEmptiedLate = defect === 'replace-by-nothing';
    if (mode === 'replace' && !isAdded && !isEmptiedLate) await table.empty();
    let [rows, first] = [0, 0];
    try {
      for await (const batch of this.#taken(batches)) {
        if (defect !== 'aborted-writes-leave-nothing') signal.throwIfAborted();
        if (mode === 'replace' && isEmptiedLate && rows === 0) await table.empty();
        first ||= batch.numRows;
        rows += batch.numRows;
        if (defect === 'append-adds-each-row-once' && batch.numRows < first) continue;
        await table.write(batch);
      }
    } catch (error) {
      if (defect === 'throwing-batches-leave-nothing') await session.query('COMMIT');
      if (defect === 'thrown-by-batches-is-wrapped') {
        const detail = { kind: 'terminal', effect: 'none', cause: error } as const;
        throw new ConnectorError('invalid-data', 'the batches failed', detail);
      }
      throw error;
    }
    if (checkpoint && defect !== 'append-once-after-lost-answers')
      await saveCheckpoint(session, name, checkpoint);
    await this.#commit(session);
    if (checkpoint && defect === 'append-once-after-lost-answers')
      await saveCheckpoint(session, name, checkpoint);
    if (mode === 'replace') this.#replaced.add(name);
    return { rows: defect === 'report-is-wrong' ? rows - 1 : rows };
  }

  /** What is not known when no answer comes. */
  async #commit(session: ReferenceSession): Promise<void> {
    try {
      await session.query('COMMIT');
    } catch (error) {
      throw this.defect === 'effects-are-told' ? error : unknownEffect(error);
    }
  }

  async *#taken(batches: Batches): AsyncGenerator<RecordBatch> {
    const { defect } = this;
    if (defect === 'batches-are-kept' && Symbol.asyncIterator in batches) {
      const iterator = batches[Symbol.asyncIterator]();
      yield* { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
      return;
    }
    if (defect !== 'flat-memory' && defect !== 'back-pressure' && defect !== 'drift-is-noticed-late') {
      yield* batches;
      return;
    }
    const held: RecordBatch[] = [];
    const holding = (async () => {
      for await (const batch of batches) held.push(batch);
    })();
    if (defect !== 'back-pressure') await holding;
    const all = { areHeld: false };
    void holding.finally(() => (all.areHeld = true));
    for (let next = 0; !all.areHeld || next < held.length;) {
      const batch = held[next];
      if (batch === undefined) await new Promise(setImmediate);
      else {
        next += 1;
        yield batch;
      }
    }
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof ConnectorError && error.effect === 'unknown';
}
