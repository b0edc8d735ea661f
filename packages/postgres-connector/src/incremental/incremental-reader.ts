import { ConnectorError, type IncrementalBatch } from '@sqlflow/connector-contract';
import type { RecordBatch } from 'apache-arrow';
import { hiddenTexts, withoutHidden } from '../decode/hidden-columns.js';
import type { Query } from '../plan/catalog.js';
import { afterPass, type Position, type RowPosition, toCheckpoint } from '../plan/incremental/position.js';
import type { ReadPlan } from '../plan/read-plan.js';
import { type Relation, titleOf } from '../plan/relation.js';
import type { Reads } from '../reads.js';
import type { TableReader } from '../table-reader.js';
import type { IncrementalReport, ResolvedIncrementalOptions } from './incremental-options.js';
import { type FoundRelation, IncrementalPlanner } from './incremental-planner.js';

/** What is being read over one connection. */
interface Stretch {
  readonly reader: TableReader;
  readonly relation: FoundRelation;
  /** Rows without a cursor, apart from any pass. */
  readonly isOfNulls: boolean;
}

/**
 * One incremental read: pass after pass, each over a connection of its own, until one has ended that was begun here. A call of
 * `next` that failed can be made again: it goes on after the last batch that was handed over.
 */
export class IncrementalReader {
  readonly #reads: Reads;
  readonly #relation: Relation;
  readonly #options: ResolvedIncrementalOptions;
  #report: IncrementalReport | undefined;
  #position: Position | undefined;
  #stretch: Stretch | undefined;
  #hasBegun = false;
  /** Of `nullCursors: 'always'`, as long as they are not all given. */
  #nulls: { readonly last: RowPosition | null } | undefined;
  #lastRow: RowPosition | undefined;

  constructor(reads: Reads, relation: Relation, options: ResolvedIncrementalOptions) {
    this.#reads = reads;
    this.#relation = relation;
    this.#options = options;
    if (options.nullCursors === 'always') this.#nulls = { last: null };
  }

  /** What can be said of the rows of the pass that is being made; `undefined` before the first one. */
  get report(): IncrementalReport | undefined {
    return this.#report;
  }

  /** The next batch, `undefined` when all is read. @throws What broke, after the connection has been ended. */
  async next(signal: AbortSignal | undefined): Promise<IncrementalBatch | undefined> {
    for (;;) {
      const stretch = (this.#stretch ??= await this.#open(signal));
      let batch: RecordBatch | undefined;
      try {
        batch = await stretch.reader.next();
      } catch (error) {
        await this.end(error);
        throw error;
      }
      if (batch !== undefined) return this.#handOver(stretch, batch);
      await this.end(undefined);
      if (this.#isOver(stretch)) return undefined;
    }
  }

  /** Ends what is being read, on the server too. */
  async end(reason: unknown): Promise<void> {
    const stretch = this.#stretch;
    this.#stretch = undefined;
    this.#lastRow = undefined;
    if (stretch !== undefined) await this.#reads.end(stretch.reader, reason);
  }

  #handOver({ reader, relation, isOfNulls }: Stretch, batch: RecordBatch): IncrementalBatch {
    const shown = relation.columns.length;
    this.#requireKey(relation, rowAt(batch, shown, 0));
    const last = rowAt(batch, shown, batch.numRows - 1);
    this.#lastRow = last;
    const position = this.#position as Position;
    if (isOfNulls) this.#nulls = { last };
    else if (position.by === 'cursor') this.#position = { ...position, last };
    else if (position.pass !== null) {
      // The last checkpoint of a pass says that it is over, so that the next read does not look for the rest of it.
      const advanced = { ...position, pass: { ...position.pass, last } };
      this.#position = reader.isExhausted ? afterPass(advanced) : advanced;
    }
    const checkpoint = toCheckpoint(relation.scope, this.#position ?? position);
    return { batch: withoutHidden(batch, shown), checkpoint };
  }

  /** A key that was named and does not tell rows apart would lose some wherever a read goes on. */
  #requireKey({ key }: FoundRelation, first: RowPosition): void {
    const last = this.#lastRow;
    const isRepeated =
      last !== undefined &&
      last.cursor === first.cursor &&
      last.key.every((value, index) => value === first.key[index]);
    if (key.length === 0 || !isRepeated) return;
    const names = key.map(({ name }) => JSON.stringify(name)).join(', ');
    throw new ConnectorError(
      'invalid-data',
      `rows of one cursor have the same key (${names}); name columns that tell them apart, or accept repeats with atLeastOnce`,
      { kind: 'terminal', effect: 'none' },
    );
  }

  /** Says whether all is read, when a stretch has ended. */
  #isOver({ isOfNulls }: Stretch): boolean {
    if (isOfNulls) {
      this.#nulls = undefined;
      return false;
    }
    const position = this.#position;
    if (position?.by === 'versions') this.#position = afterPass(position);
    return this.#hasBegun;
  }

  async #open(signal: AbortSignal | undefined): Promise<Stretch> {
    const doing = `reading ${titleOf(this.#relation)}`;
    let found: FoundRelation | undefined;
    const reader = await this.#reads.open(
      {
        doing,
        batchRows: this.#options.batchRows,
        plan: async (session, ending) => {
          const ask = (query: Query) => session.query(query, doing, ending);
          const table = await this.#reads.describe(session, this.#relation, doing, ending);
          const planner = new IncrementalPlanner(table, this.#options, ask);
          found = await planner.find();
          return this.#plan(planner, found);
        },
      },
      signal,
    );
    return { reader, relation: found as FoundRelation, isOfNulls: this.#nulls !== undefined };
  }

  async #plan(planner: IncrementalPlanner, relation: FoundRelation): Promise<ReadPlan> {
    const position = (this.#position ??= planner.start(relation));
    if (this.#options.nullCursors === 'error') await planner.refuseNullCursors(relation);
    if (this.#nulls !== undefined) return planner.planNulls(relation, this.#nulls.last);
    const planned = await planner.plan(relation, position);
    this.#position = planned.position;
    if (planned.guarantee !== undefined) {
      this.#hasBegun = true;
      this.#report = { guarantee: planned.guarantee, isCursorIndexed: relation.isCursorIndexed };
    }
    return planned.plan;
  }
}

/** The cursor and the key of a row, which stand behind the columns that are shown. */
function rowAt(batch: RecordBatch, shown: number, row: number): RowPosition {
  const [cursor = null, ...key] = hiddenTexts(batch, shown, row);
  return { cursor, key };
}
