import { ConnectorError, type IncrementalBatch } from '@sqlflow/connector-contract';
import type { RecordBatch } from 'apache-arrow';
import { hiddenTexts, withoutHidden } from '../decode/hidden-columns.js';
import type { NumericAs } from '../decode/wire-column.js';
import { afterPass, type Position, type RowPosition, toCheckpoint } from '../plan/incremental/position.js';
import type { ReadPlan } from '../plan/read-plan.js';
import type { ArraysAs } from '../wire-type.js';
import type { Session } from '../session/session.js';
import { TableReader } from '../table-reader.js';
import type { IncrementalReport, ResolvedIncrementalOptions } from './incremental-options.js';
import { type FoundRelation, IncrementalPlanner } from './incremental-planner.js';

export interface IncrementalReaderSettings {
  readonly namespace: string;
  readonly name: string;
  readonly options: ResolvedIncrementalOptions;
  readonly numericAs: NumericAs;
  readonly arraysAs: ArraysAs;
  readonly borrow: (signal: AbortSignal | undefined) => Promise<Session>;
  readonly tell: (report: IncrementalReport) => void;
}

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
  readonly #settings: IncrementalReaderSettings;
  #position: Position | undefined;
  #stretch: Stretch | undefined;
  #hasBegun = false;
  /** Of `nullCursors: 'always'`, as long as they are not all given. */
  #nulls: { readonly last: RowPosition | null } | undefined;
  #lastRow: RowPosition | undefined;

  constructor(settings: IncrementalReaderSettings) {
    this.#settings = settings;
    if (settings.options.nullCursors === 'always') this.#nulls = { last: null };
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
    await stretch?.reader.end(reason);
  }

  #handOver({ reader, relation, isOfNulls }: Stretch, batch: RecordBatch): IncrementalBatch {
    const shown = relation.columns.length;
    this.#requireKey(relation, rowAt(batch, shown, 0));
    const last = rowAt(batch, shown, batch.numRows - 1);
    this.#lastRow = last;
    const position = this.#position as Position;
    if (isOfNulls) this.#nulls = { last };
    else if (position.by === 'cursor') this.#position = { by: 'cursor', last };
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
    const { options, numericAs, arraysAs, borrow, ...stream } = this.#settings;
    const session = await borrow(signal);
    let stretch: Stretch;
    try {
      const planner = new IncrementalPlanner(session, stream, options, arraysAs, signal);
      const relation = await planner.find();
      const plan = await this.#plan(planner, relation);
      const reader = new TableReader(
        session,
        plan,
        { batchRows: options.batchRows, numericAs },
        planner.doing,
      );
      stretch = { reader, relation, isOfNulls: this.#nulls !== undefined };
    } catch (error) {
      await session.close();
      throw error;
    }
    const onAbort = (): void => void stretch.reader.end(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await stretch.reader.begin();
      return stretch;
    } catch (error) {
      await stretch.reader.end(error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async #plan(planner: IncrementalPlanner, relation: FoundRelation): Promise<ReadPlan> {
    const position = (this.#position ??= planner.start(relation));
    if (this.#settings.options.nullCursors === 'error') await planner.refuseNullCursors(relation);
    if (this.#nulls !== undefined) return planner.planNulls(relation, this.#nulls.last);
    const planned = await planner.plan(relation, position);
    this.#position = planned.position;
    if (planned.guarantee !== undefined) {
      this.#hasBegun = true;
      this.#settings.tell({ guarantee: planned.guarantee });
    }
    return planned.plan;
  }
}

/** The cursor and the key of a row, which stand behind the columns that are shown. */
function rowAt(batch: RecordBatch, shown: number, row: number): RowPosition {
  const [cursor = null, ...key] = hiddenTexts(batch, shown, row);
  return { cursor, key };
}
