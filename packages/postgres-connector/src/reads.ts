import { ConnectorError } from '@sqlflow/connector-contract';
import type { Policy } from '@sqlflow/resilience';
import type { RecordBatch } from 'apache-arrow';
import type { NumericAs } from './decode/wire-column.js';
import { describeRelation } from './describe-relation.js';
import type { ReadPlan } from './plan/read-plan.js';
import type { Relation } from './plan/relation.js';
import type { TableDescription } from './plan/table-description.js';
import type { Session } from './session/session.js';
import type { SessionPool } from './session/session-pool.js';
import { beginInSnapshot } from './session/snapshot.js';
import { TableReader } from './table-reader.js';
import { withTypes } from './type-lookup.js';
import type { ArraysAs } from './wire-type.js';

/** What is to be read. */
export interface ReadRequest {
  /** For messages, such as `reading "public"."event"`. */
  readonly doing: string;
  readonly batchRows: number;
  /** The exported snapshot to read in. @defaultValue one of its own */
  readonly snapshot?: string | undefined;
  /** Finds out, on the connection of the read, which query gives it. */
  readonly plan: (session: Session, signal: AbortSignal | undefined) => Promise<ReadPlan>;
}

/** The reads of one source that are going on. */
export class Reads {
  readonly #readers = new Set<TableReader>();

  readonly #pool: SessionPool;
  readonly #decoding: { readonly numericAs: NumericAs; readonly arraysAs: ArraysAs };

  constructor(pool: SessionPool, decoding: { readonly numericAs: NumericAs; readonly arraysAs: ArraysAs }) {
    this.#pool = pool;
    this.#decoding = decoding;
  }

  /** Reads from beginning to end. Until the first batch the policy may begin again; after that nothing is. */
  async *batches(
    request: ReadRequest,
    policy: Policy,
    signal: AbortSignal,
  ): AsyncGenerator<RecordBatch, void, undefined> {
    const reader = await policy((attempt) => this.open(request, attempt.signal), signal);
    const onAbort = (): void => void reader.end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (let batch = await reader.next(); batch !== undefined; batch = await reader.next()) {
        signal.throwIfAborted();
        yield batch;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      await this.end(reader, closed('the read was ended by its consumer'));
    }
  }

  /** Asks what a relation looks like, and what its types are made of. Throws as {@link describeRelation} does. */
  async describe(
    session: Session,
    relation: Relation,
    doing: string,
    signal: AbortSignal | undefined,
  ): Promise<TableDescription> {
    const table = await describeRelation(session, relation, doing, signal);
    const { arraysAs } = this.#decoding;
    const [typed = table] = await withTypes(session, [table], { arraysAs, doing, signal });
    return typed;
  }

  /** Begins a read and waits for its first batch, so that all until then can be tried again. `end` ends it. */
  async open(request: ReadRequest, signal: AbortSignal | undefined): Promise<TableReader> {
    const { doing, batchRows, snapshot } = request;
    const session = await this.#pool.borrow(signal);
    let reader: TableReader;
    try {
      if (snapshot !== undefined) await beginInSnapshot(session, snapshot, doing, signal);
      const plan = await request.plan(session, signal);
      const { numericAs } = this.#decoding;
      reader = new TableReader(session, plan, { batchRows, numericAs }, doing);
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
      await this.end(reader, error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async end(reader: TableReader, reason: unknown): Promise<void> {
    await reader.end(reason);
    this.#readers.delete(reader);
  }

  async endAll(reason: unknown): Promise<void> {
    await Promise.all([...this.#readers].map((reader) => this.end(reader, reason)));
  }
}

/** What is thrown where something was read, when it was ended from outside. */
export function closed(message: string): ConnectorError {
  return new ConnectorError('closed', message, { kind: 'terminal', effect: 'none' });
}
