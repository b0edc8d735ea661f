import { ConnectorError, type ConnectorErrorCode, type IncrementalBatch } from '@sqlflow/connector-contract';
import type { Policy } from '@sqlflow/resilience';
import { isDecodable } from './decode/column-types.js';
import { type KeyedBatch, splitKey } from './keyed-batch.js';
import { afterCheckpoint, fullCheckpoint } from './plan/full-checkpoint.js';
import { planKeyset, planNullCheck } from './plan/keyset-plan.js';
import type { ReadPlan } from './plan/read-plan.js';
import { type Relation, titleOf } from './plan/relation.js';
import { chooseKey, listUniqueIndexes, type ReadKey } from './plan/unique-key.js';
import type { ResolvedResumableOptions } from './read-options.js';
import { closed, type Reads } from './reads.js';
import type { Session } from './session/session.js';
import type { TableReader } from './table-reader.js';

/**
 * One full read in the order of a key. Its place is the key of the last row that was handed over; wherever the connection
 * breaks, it goes on from there.
 */
export class ResumableRead {
  readonly #reads: Reads;
  readonly #relation: Relation;
  readonly #options: ResolvedResumableOptions;
  readonly #doing: string;
  #reader: TableReader | undefined;
  #plan: ReadPlan | undefined;
  #key: ReadKey = { columns: [], isUnique: false };
  #after: readonly string[] | undefined;
  /** Read, but not handed over: the row after it may have the same key. */
  #held: KeyedBatch | undefined;

  constructor(reads: Reads, relation: Relation, options: ResolvedResumableOptions) {
    this.#reads = reads;
    this.#relation = relation;
    this.#options = options;
    this.#doing = `reading ${titleOf(relation)}`;
  }

  /** @param policy - Makes each step again that may succeed then: a batch that was handed over is never read again. */
  async *batches(policy: Policy, signal: AbortSignal): AsyncGenerator<IncrementalBatch, void, undefined> {
    const onAbort = (): void => void this.#reader?.end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const next = (): Promise<KeyedBatch | undefined> =>
      policy((attempt) => this.#next(attempt.signal), signal);
    try {
      for (let read = await next(); read !== undefined; read = await next()) {
        signal.throwIfAborted();
        yield {
          batch: read.batch,
          checkpoint: fullCheckpoint(this.#relation, this.#key.columns, read.last),
        };
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      await this.#end(closed('the read was ended by its consumer'));
    }
  }

  async #next(signal: AbortSignal | undefined): Promise<KeyedBatch | undefined> {
    this.#reader ??= await this.#open(signal);
    try {
      const read = await (this.#key.isUnique ? this.#take(this.#reader) : this.#takeKnowing(this.#reader));
      this.#after = read?.last;
      return read;
    } catch (error) {
      await this.#end(error);
      throw error;
    }
  }

  /** A batch of which the row after it is known, which may be the one that proves the key to be none. */
  async #takeKnowing(reader: TableReader): Promise<KeyedBatch | undefined> {
    const read = this.#held ?? (await this.#take(reader));
    const following = read && (await this.#take(reader));
    if (following !== undefined && isSame(following.first, read?.last)) {
      const names = this.#key.columns.map(({ name }) => JSON.stringify(name)).join(', ');
      throw failure('invalid-data', `${this.#doing} failed: two rows have the same ${names} (option "key")`);
    }
    this.#held = following;
    return read;
  }

  async #take(reader: TableReader): Promise<KeyedBatch | undefined> {
    const batch = await reader.next();
    return batch && splitKey(batch, this.#key.columns.length);
  }

  #open(signal: AbortSignal | undefined): Promise<TableReader> {
    const { batchRows, snapshot } = this.#options;
    const plan = (session: Session, ending: AbortSignal | undefined) => this.#planOn(session, ending);
    return this.#reads.open({ doing: this.#doing, batchRows, snapshot, plan }, signal);
  }

  async #planOn(session: Session, signal: AbortSignal | undefined): Promise<ReadPlan> {
    const { columns, filter, checkpoint, key: named } = this.#options;
    const { namespace, name, query } = this.#relation;
    const table = await this.#reads.describe(session, this.#relation, this.#doing, signal);
    const indexes =
      query === undefined ? await session.query(listUniqueIndexes(namespace, name), this.#doing, signal) : [];
    const key = chooseKey(table, indexes, named);
    if (this.#plan === undefined && checkpoint !== undefined) {
      this.#after = afterCheckpoint(checkpoint, this.#relation, key.columns);
    }
    const read = { table, key: key.columns, columns, filter };
    const plan = planKeyset(read, this.#after, isDecodable);
    if (this.#plan !== undefined && !isSame(plan.columns, this.#plan.columns)) {
      throw failure('conflict', `${this.#doing} failed: it was altered while it was being read`);
    }
    await this.#assertKeyed(session, planNullCheck(read), signal);
    this.#plan = plan;
    this.#key = key;
    return plan;
  }

  async #assertKeyed(
    session: Session,
    check: ReadPlan | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (check === undefined) return;
    const [row] = await session.query(check, this.#doing, signal);
    if (row?.['found'] === 't') {
      throw failure(
        'invalid-data',
        `${this.#doing} failed: a row has null in a column of its key (option "key")`,
      );
    }
  }

  async #end(reason: unknown): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    this.#held = undefined;
    if (reader !== undefined) await this.#reads.end(reader, reason);
  }
}

/** The keys of two rows, or the columns of two plans. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function failure(code: ConnectorErrorCode, message: string): ConnectorError {
  return new ConnectorError(code, message, { kind: 'terminal', effect: 'none' });
}
