import { type Checkpoint, ConnectorError, type WriteReport } from '@sqlflow/connector-contract';
import type { BlockReader } from './block-reader.js';
import type { BlockKind, BlockPlan, NewColumn } from './blocks.js';
import { CopyBuffers, CopyWriter } from './copy-writer.js';
import { DeadLetterBox } from './dead-letter-box.js';
import type { ResolvedWriteOptions } from './destination-options.js';
import { RefusedRow } from './encode/refused-value.js';
import type { RowEncoder } from './encode/row-encoder.js';
import { createCheckpointTable, type QualifiedName, saveCheckpoint } from './plan/checkpoint-table.js';
import {
  addColumns,
  type CreatedColumn,
  createTable,
  findTypes,
  looksLikeType,
} from './plan/create-table.js';
import type { TargetTable } from './plan/target-table.js';
import { requireWritable, type WritePlan } from './plan/write-plan.js';
import {
  clearStaging,
  copyIn,
  createStaging,
  emptyTable,
  findDuplicate,
  isNumbered,
  lockForReplace,
  merge,
  quickUpsert,
  quickUpsertFails,
} from './plan/write-sql.js';
import { refusalOf, type Rejection, rejectionOf } from './rejected-row.js';
import type { WriteSession } from './write-session.js';

export interface TableWriteOptions extends ResolvedWriteOptions {
  readonly stream: QualifiedName;
  readonly checkpointTable: QualifiedName;
}

/** What is written to one table in one transaction, up to its commit. */
export class TableWrite<Block> {
  readonly #session: WriteSession;
  readonly #kind: BlockKind<Block>;
  readonly #options: TableWriteOptions;
  readonly #buffers = new CopyBuffers();
  readonly #deadLetters: DeadLetterBox | undefined;
  #table: TargetTable | undefined;
  #rows = 0;
  #rejected = 0;

  constructor(session: WriteSession, kind: BlockKind<Block>, options: TableWriteOptions) {
    this.#session = session;
    this.#kind = kind;
    this.#options = options;
    const { deadLetters, stream } = options;
    this.#deadLetters =
      deadLetters && new DeadLetterBox(session, deadLetters, stream, options.checkpointTable.namespace);
  }

  /** Looks at the table, before any block is taken. @throws ConnectorError if it cannot be written to in this way */
  async open(): Promise<void> {
    const { stream, mode, key, createTable: creates } = this.#options;
    this.#table = await this.#session.describe(stream);
    if (this.#table !== undefined) requireWritable(this.#table, mode, key);
    else if (!creates) {
      throw new ConnectorError(
        'not-found',
        `${this.#session.doing} failed: there is no such table; create it, or have it created (createTable)`,
        { kind: 'terminal', effect: 'none' },
      );
    }
  }

  async perform(blocks: BlockReader<Block>): Promise<WriteReport> {
    const { mode, key, checkpoint } = this.#options;
    const first = await blocks.next([this.#session.signal]);
    if (first !== undefined) this.#table = await this.#prepareTable(first);
    const table = this.#table;
    const planned = first && table && this.#kind.plan(first, table, mode, key);
    if (table !== undefined && mode === 'replace') {
      await this.#session.run(lockForReplace(table));
      await this.#session.run(emptyTable(table));
    }
    if (first !== undefined && planned !== undefined) {
      if (planned.plan.isStaged) await this.#session.run(createStaging(planned.plan));
      if (this.#deadLetters === undefined) await this.#writeAtOnce(planned, first, blocks);
      else await this.#writeInPieces(planned, first, blocks, this.#deadLetters);
    }
    if (checkpoint !== undefined) await this.#saveCheckpoint(checkpoint);
    return { rows: this.#rows, ...(this.#deadLetters !== undefined && { rejected: this.#rejected }) };
  }

  /** Creates the table or adds columns to it, as far as the options allow. */
  async #prepareTable(first: Block): Promise<TargetTable | undefined> {
    const table = this.#table;
    const { stream, mode, key, createTable: creates, addColumns: adds } = this.#options;
    const { namespace, name } = stream;
    if (table === undefined && creates) {
      const columns = await this.#created(this.#kind.newColumns(first));
      const unknown = key.find((column) => !columns.some((created) => created.name === column));
      if (unknown !== undefined) {
        const message = `option "key" names ${JSON.stringify(unknown)}, which the batches do not have`;
        throw new ConnectorError('invalid-option', message, { kind: 'terminal', effect: 'none' });
      }
      await this.#session.createIfMissing(stream, createTable(namespace, name, columns, key));
    } else if (table !== undefined && adds && mode !== 'delete') {
      const has = (wanted: string): boolean => table.columns.some((column) => column.name === wanted);
      const missing = this.#kind.newColumns(first).filter((column) => !has(column.name));
      if (missing.length === 0) return table;
      await this.#session.run(addColumns(namespace, name, await this.#created(missing)));
    } else return table;
    const created = await this.#session.describe(stream);
    // Somebody else may have created another one.
    if (created !== undefined) requireWritable(created, mode, key);
    return created;
  }

  /** Columns with the types that they had where they come from, where those exist here too. */
  async #created(columns: readonly NewColumn[]): Promise<CreatedColumn[]> {
    const own = [...new Set(columns.flatMap(({ ownType }) => ownType ?? []))].filter(looksLikeType);
    const found = own.length === 0 ? [] : await this.#session.query(findTypes(own));
    const known = new Set(own.filter((_, index) => found[index]?.['known'] === 't'));
    return columns.map(({ name, nullable, ownType, sqlType }) => ({
      name,
      nullable,
      sqlType: ownType !== undefined && known.has(ownType) ? ownType : sqlType,
    }));
  }

  /** By one COPY. The first row that is refused fails it. */
  async #writeAtOnce(planned: BlockPlan<Block>, first: Block, blocks: BlockReader<Block>): Promise<void> {
    const { plan } = planned;
    const { signal } = this.#session;
    const writer = this.#startCopy(plan);
    let block: Block | undefined = first;
    while (block !== undefined) {
      const encoder = planned.encoder(block, this.#ordinal(plan));
      try {
        await writer.write(encoder, 0, encoder.rows);
      } catch (error) {
        throw error instanceof RefusedRow ? this.#refused(error) : error;
      }
      this.#rows += encoder.rows;
      block = await blocks.next([signal, writer.copy.failure]);
    }
    await writer.finish();
    this.#session.copyIsOver();
    if (plan.isStaged) await this.#merge(plan);
  }

  /** Each block by a COPY of its own, which is made again in halves if a row is refused, until that row is found. */
  async #writeInPieces(
    planned: BlockPlan<Block>,
    first: Block,
    blocks: BlockReader<Block>,
    deadLetters: DeadLetterBox,
  ): Promise<void> {
    await deadLetters.open();
    // What is checked at the end could not be told of a row.
    await this.#session.run('SET CONSTRAINTS ALL IMMEDIATE');
    let block: Block | undefined = first;
    while (block !== undefined) {
      const encoder = planned.encoder(block, this.#ordinal(planned.plan));
      const refused = new Map<number, Rejection>();
      const pieces: (readonly [start: number, end: number])[] = [[0, encoder.rows]];
      for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
        const [start, end] = piece;
        const rejection = await this.#tryPiece(planned.plan, encoder, start, end, refused);
        if (rejection === undefined) continue;
        const middle = (start + end) >>> 1;
        if (end - start === 1) refused.set(start, rejection);
        else pieces.push([middle, end], [start, middle]);
      }
      for (const [index, rejection] of [...refused].sort(([a], [b]) => a - b)) {
        const row = planned.rowOf(block, index);
        await deadLetters.put({ ...rejection, row, index: this.#rows + index });
      }
      this.#rejected += refused.size;
      this.#rows += encoder.rows;
      block = await blocks.next([this.#session.signal]);
    }
  }

  /** @returns why the server refused one of the rows, `undefined` if they are written, but for those that cannot be encoded. */
  async #tryPiece(
    plan: WritePlan,
    encoder: RowEncoder,
    start: number,
    end: number,
    refused: Map<number, Rejection>,
  ): Promise<Rejection | undefined> {
    const session = this.#session;
    await session.run('SAVEPOINT sqlflow_piece');
    try {
      const writer = this.#startCopy(plan);
      for (let row = start; row < end;) {
        try {
          await writer.write(encoder, row, end);
          row = end;
        } catch (error) {
          if (!(error instanceof RefusedRow)) throw error;
          refused.set(error.row, refusalOf(error));
          row = error.row + 1;
        }
      }
      await writer.finish();
      session.copyIsOver();
      if (plan.isStaged) {
        await this.#merge(plan);
        await session.run(clearStaging);
      }
    } catch (error) {
      const rejection = rejectionOf(error);
      if (rejection === undefined || session.signal.aborted) throw error;
      session.copyIsOver();
      await session.run('ROLLBACK TO SAVEPOINT sqlflow_piece');
      await session.run('RELEASE SAVEPOINT sqlflow_piece');
      return rejection;
    }
    await session.run('RELEASE SAVEPOINT sqlflow_piece');
    return undefined;
  }

  #startCopy(plan: WritePlan): CopyWriter {
    return new CopyWriter(this.#session.copyIn(copyIn(plan)), this.#buffers, this.#session.signal);
  }

  #ordinal({ mode }: WritePlan): number | undefined {
    return isNumbered(mode) ? this.#rows : undefined;
  }

  /** Sorts out several rows with one key only if there are some: that takes longer than all the rest. */
  async #merge(plan: WritePlan): Promise<void> {
    const session = this.#session;
    if (this.#options.duplicateKeys === 'error' && isNumbered(plan.mode)) {
      await this.#requireNoDuplicates(plan);
    }
    const quick = quickUpsert(plan);
    if (quick === undefined) {
      await session.run(merge(plan));
      return;
    }
    await session.run('SAVEPOINT sqlflow_merge');
    try {
      await session.run(quick);
    } catch (error) {
      if (!isOf(error, quickUpsertFails)) throw error;
      await session.run('ROLLBACK TO SAVEPOINT sqlflow_merge');
      await session.run(merge(plan));
    }
    await session.run('RELEASE SAVEPOINT sqlflow_merge');
  }

  async #requireNoDuplicates(plan: WritePlan): Promise<void> {
    const [duplicate] = await this.#session.query({ sql: findDuplicate(plan), parameters: [] });
    if (duplicate === undefined) return;
    const message =
      `${this.#session.doing} failed: several rows have one key, ${plan.key.join(', ')}; ` +
      `the last one counts if duplicateKeys is 'last'`;
    throw new ConnectorError('invalid-data', message, { kind: 'terminal', effect: 'none' });
  }

  async #saveCheckpoint(checkpoint: Checkpoint): Promise<void> {
    const { checkpointTable, stream } = this.#options;
    await this.#session.createIfMissing(checkpointTable, createCheckpointTable(checkpointTable));
    await this.#session.query(saveCheckpoint(checkpointTable, stream, checkpoint));
  }

  #refused({ row, message, cause }: RefusedRow): ConnectorError {
    const place = `row ${String(this.#rows + row)} (from 0 on)`;
    return new ConnectorError('invalid-data', `${this.#session.doing} failed at ${place}: ${message}`, {
      kind: 'terminal',
      effect: 'none',
      cause,
    });
  }
}

function isOf(error: unknown, codes: readonly string[]): boolean {
  return error instanceof ConnectorError && codes.includes(error.serverCode ?? '');
}
