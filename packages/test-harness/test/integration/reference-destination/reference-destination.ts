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
import { ReferenceSession } from '../reference/reference-session.js';
import { ReferenceSource } from '../reference/reference-source.js';
import type { DestinationDefect } from './defects.js';
import { findCheckpoint, saveCheckpoint } from './reference-checkpoint.js';
import { ReferenceTable } from './reference-table.js';

type Batches = AsyncIterable<RecordBatch> | Iterable<RecordBatch>;

/**
 * The simplest destination that meets every requirement, slow and for PostgreSQL alone; or one that does a single thing wrong.
 * It shows that the suite can be passed, and that each of its requirements can fail.
 */
export class ReferenceDestination implements Destination {
  readonly #endpoint: PostgresEndpoint;
  readonly #closing = new AbortController();
  readonly #sessions = new Set<ReferenceSession>();
  readonly #replaced = new Set<string>();

  constructor(
    endpoint: PostgresEndpoint,
    private readonly defect?: DestinationDefect,
  ) {
    this.#endpoint = endpoint;
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
      return await this.#during(options.signal, (session, signal) =>
        this.#writeOn(session, stream, batches, options, signal),
      );
    } catch (error) {
      if (defect === 'errors-have-codes' && error instanceof ConnectorError && error.cause)
        throw error.cause as Error;
      const isMadeAgain = defect === 'repeatable-after-lost-answers' && options.mode === 'replace';
      if (!isMadeAgain || !isUnknown(error)) throw error;
      return await this.write(stream, batches, { ...options, mode: 'append' });
    }
  }

  committedCheckpoint({ name }: StreamName, signal?: AbortSignal): Promise<Checkpoint | undefined> {
    return this.#during(signal, (session) => findCheckpoint(session, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(
      new ConnectorError('closed', 'the destination is closed', { kind: 'terminal', effect: 'none' }),
    );
    for (const session of this.#sessions) session.destroy();
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
    if (mode === 'replace' && !isAdded) await table.empty();
    let [rows, first] = [0, 0];
    try {
      for await (const batch of this.#taken(batches)) {
        if (defect !== 'aborted-writes-leave-nothing') signal.throwIfAborted();
        first ||= batch.numRows;
        rows += batch.numRows;
        if (defect === 'append-adds-each-row-once' && batch.numRows < first) continue;
        await table.write(batch);
      }
    } catch (error) {
      if (defect === 'throwing-batches-leave-nothing') await session.query('COMMIT');
      throw error;
    }
    if (checkpoint && defect !== 'append-once-after-lost-answers')
      await saveCheckpoint(session, name, checkpoint);
    await this.#commit(session);
    if (checkpoint && defect === 'append-once-after-lost-answers')
      await saveCheckpoint(session, name, checkpoint);
    if (mode === 'replace') this.#replaced.add(name);
    return { rows };
  }

  /** What is not known when no answer comes. */
  async #commit(session: ReferenceSession): Promise<void> {
    try {
      await session.query('COMMIT');
    } catch (error) {
      if (!(error instanceof ConnectorError) || this.defect === 'effects-are-told') throw error;
      const { code, kind, message } = error;
      throw new ConnectorError(code, message, { kind, effect: 'unknown', cause: error });
    }
  }

  async *#taken(batches: Batches): AsyncGenerator<RecordBatch> {
    if (this.defect !== 'flat-memory' && this.defect !== 'back-pressure') {
      yield* batches;
      return;
    }
    const held: RecordBatch[] = [];
    const holding = (async () => {
      for await (const batch of batches) held.push(batch);
    })();
    if (this.defect === 'flat-memory') await holding;
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

  /** Gives `work` a session of its own, and leaves both when a signal aborts. */
  async #during<T>(
    given: AbortSignal | undefined,
    work: (session: ReferenceSession, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const isDeaf = this.defect === 'aborted-writes-leave-nothing' || given === undefined;
    const signal = isDeaf ? this.#closing.signal : AbortSignal.any([this.#closing.signal, given]);
    signal.throwIfAborted();
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    const session = await Promise.race([this.#open(), aborted]);
    this.#sessions.add(session);
    try {
      return await Promise.race([work(session, signal), aborted]);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      this.#sessions.delete(session);
      // Without a farewell: it rolls back what was not committed, and does not wait for a server that hears nothing.
      session.destroy();
    }
  }

  async #open(): Promise<ReferenceSession> {
    try {
      return await ReferenceSession.open(this.#endpoint);
    } catch (error) {
      if (this.defect !== 'secrets-are-never-shown' || !(error instanceof ConnectorError)) throw error;
      const { user, password } = this.#endpoint;
      const { kind, effect } = error;
      throw new ConnectorError(error.code, `${error.message} (postgres://${user}:${password})`, {
        kind,
        effect,
      });
    }
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof ConnectorError && error.effect === 'unknown';
}
