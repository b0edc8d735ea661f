import type { Partition, StreamName } from '@sqlflow/connector-contract';
import { describeRelation } from './describe-relation.js';
import { cutOf, keyBounds, type Slice, sliceByBlocks, sliceByKey } from './plan/partition-plan.js';
import { columnsNamed } from './plan/read-plan.js';
import { fromItem, type Relation, titleOf } from './plan/relation.js';
import { exportSnapshot, exportSnapshotOf, toStoredPart } from './plan/storage.js';
import type { TableDescription } from './plan/table-description.js';
import { type PostgresPartitionSet, type ResolvedPartitionOptions, toPartition } from './read-options.js';
import type { Session } from './session/session.js';
import type { SessionPool } from './session/session-pool.js';
import { beginHolding } from './session/snapshot.js';

/** Slices, and the connection that holds their snapshot. */
class HeldPartitionSet implements PostgresPartitionSet {
  readonly partitions: readonly Partition[];
  readonly snapshot: string;
  readonly #session: Session;
  readonly #onEnd: () => void;
  #ended: Promise<void> | undefined;

  constructor(
    session: Session,
    stream: Required<StreamName>,
    { snapshot, slices }: Cutting,
    onEnd: () => void,
  ) {
    this.#session = session;
    this.#onEnd = onEnd;
    this.snapshot = snapshot;
    this.partitions = slices.map((slice) => toPartition(stream, snapshot, slice));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    try {
      await this.#session.commit('giving up a snapshot');
      this.#session.giveBack();
    } catch {
      await this.#session.close(); // the snapshot has gone with its connection
    } finally {
      this.#onEnd();
    }
  }
}

/** The snapshots that one source holds. */
export class PartitionSets {
  readonly #pool: SessionPool;
  readonly #sets = new Set<HeldPartitionSet>();

  constructor(pool: SessionPool) {
    this.#pool = pool;
  }

  async make(
    relation: Relation,
    options: ResolvedPartitionOptions,
    signal: AbortSignal | undefined,
  ): Promise<PostgresPartitionSet> {
    const session = await this.#pool.borrow(signal);
    try {
      const cutting = await cut(session, relation, options, signal);
      signal?.throwIfAborted();
      const { namespace, name } = relation;
      const set = new HeldPartitionSet(session, { namespace, name }, cutting, () => this.#sets.delete(set));
      this.#sets.add(set);
      return set;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.#sets].map((set) => set[Symbol.asyncDispose]()));
  }
}

interface Cutting {
  readonly snapshot: string;
  readonly slices: readonly Slice[];
}

/**
 * Cuts a relation into slices of the snapshot that the session holds from then on, in a transaction.
 *
 * @throws ConnectorError as a read does. The transaction is to be ended by closing the session then.
 */
async function cut(
  session: Session,
  relation: Relation,
  { count, key }: ResolvedPartitionOptions,
  signal: AbortSignal | undefined,
): Promise<Cutting> {
  const doing = `cutting ${titleOf(relation)} into slices`;
  await beginHolding(session, doing, signal);
  const table = await describeRelation(session, relation, doing, signal);
  if (key !== undefined) columnsNamed(table, [key], 'key');
  // Locks come first: what is truncated or rewritten after the snapshot is empty in it.
  await session.query({ sql: `SELECT FROM ${fromItem(table)} LIMIT 0`, parameters: [] }, doing, signal);
  const { namespace, name, query } = relation;
  const rows = await session.query(
    query === undefined ? exportSnapshotOf(namespace, name) : exportSnapshot,
    doing,
    signal,
  );
  const parts = query === undefined ? rows.map(toStoredPart) : [];
  const snapshot = rows[0]?.['snapshot'] ?? '';
  const way = cutOf(table, parts, Number(rows[0]?.['server_version']), count, key);
  if (way === 'whole') return { snapshot, slices: [{ whole: true }] };
  if (way === 'blocks') return { snapshot, slices: sliceByBlocks(parts, count) };
  return {
    snapshot,
    slices: sliceByKey(way.column, await bounds(session, table, way.column, count, doing, signal)),
  };
}

async function bounds(
  session: Session,
  table: TableDescription,
  column: string,
  count: number,
  doing: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const rows = await session.query(keyBounds(table, column, count), doing, signal);
  return rows.map((row) => row['bound']).filter((bound) => typeof bound === 'string');
}
