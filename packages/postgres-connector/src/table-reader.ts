import { ConnectorError } from '@sqlflow/connector-contract';
import type { RecordBatch } from 'apache-arrow';
import { createRowDecoder, type RowDecoderOptions } from './decode/row-decoder.js';
import type { ReadPlan } from './plan/read-plan.js';
import type { DescribedColumn } from './session/row-description.js';
import type { RowSink, RowStream } from './session/row-stream.js';
import type { Session } from './session/session.js';

/** One table being read over one connection. It ends with `end`, which may be called more than once. */
export class TableReader {
  readonly #session: Session;
  readonly #stream: RowStream<RecordBatch>;
  #ended: Promise<void> | undefined;

  constructor(session: Session, plan: ReadPlan, options: Omit<RowDecoderOptions, 'framing'>, doing: string) {
    this.#session = session;
    this.#stream = session.stream(plan, decodingSink(plan, options), doing, { commit: true });
  }

  /** Resolves when the first batch is there, or it is clear that there is none. */
  begin(): Promise<void> {
    return this.#stream.untilReady();
  }

  /** The next batch, `undefined` after the last. */
  next(): Promise<RecordBatch | undefined> {
    return this.#stream.next();
  }

  /** Gives the connection back, or if rows are still to come ends the query on the server. Then `next` throws `reason`. */
  end(reason: unknown): Promise<void> {
    this.#ended ??= this.#end(reason);
    return this.#ended;
  }

  async #end(reason: unknown): Promise<void> {
    if (this.#stream.isComplete) this.#session.giveBack();
    else await this.#session.abandon(this.#stream, reason);
  }
}

function decodingSink(plan: ReadPlan, options: Omit<RowDecoderOptions, 'framing'>): RowSink<RecordBatch> {
  const decoder = createRowDecoder(plan.columns, { ...options, framing: 'data-row' });
  return {
    describe: (columns) => {
      assertAsPlanned(plan, columns);
    },
    push: (chunk) => decoder.push(chunk),
    end: () => decoder.end(),
  };
}

/** Between the look at the catalogue and the query the table may have been altered; a new plan is right then. */
function assertAsPlanned({ columns }: ReadPlan, described: readonly DescribedColumn[]): void {
  const isAsPlanned =
    columns.length === described.length &&
    columns.every(({ typeOid, typeModifier }, index) => {
      const actual = described[index];
      return actual?.typeOid === typeOid && actual.typeModifier === typeModifier;
    });
  if (isAsPlanned) return;
  throw new ConnectorError('conflict', 'the table was altered while its reading was being planned', {
    kind: 'transient',
    effect: 'none',
  });
}
