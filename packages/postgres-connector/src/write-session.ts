import { ConnectorError } from '@sqlflow/connector-contract';
import { timeout } from '@sqlflow/resilience';
import type { Query } from './plan/catalog.js';
import { findTable, lockCreation, type QualifiedName } from './plan/checkpoint-table.js';
import type { ColumnDescription } from './plan/table-description.js';
import { describeTarget, type TargetColumn, type TargetTable, toTargetTable } from './plan/target-table.js';
import type { CopyIn } from './session/copy-in.js';
import type { TextRow } from './session/query.js';
import type { Session } from './session/session.js';
import { targetTypeOf } from './target-type.js';
import { withTypes } from './type-lookup.js';

type TypedColumn = TargetColumn & ColumnDescription;

/** A column of a type that is made of others, with those. */
function withParts({ type, ...column }: TypedColumn): TargetColumn {
  if (type === undefined || type.kind === 'base' || type.kind === 'text' || type.kind === 'enum')
    return column;
  return { ...column, ...targetTypeOf({ ...column, type }) };
}

/** How long a rollback may take before the connection is closed without. */
const rollbackMs = 1_000;

/** A connection with a transaction of one write. It ends with `abandon`, or when the session is given back. */
export class WriteSession {
  #copy: CopyIn | undefined;

  constructor(
    readonly session: Session,
    /** What to say failed. */
    readonly doing: string,
    readonly signal: AbortSignal,
  ) {
    session.begin({ readOnly: false });
  }

  /** @throws `signal.reason` if the signal aborts first; nothing runs on the server then. */
  query(query: Query): Promise<TextRow[]> {
    return this.session.query(query, this.doing, this.signal);
  }

  async run(sql: string): Promise<void> {
    await this.query({ sql, parameters: [] });
  }

  /** Starts a COPY to the server, which must be over before anything else is done. */
  copyIn(sql: string): CopyIn {
    this.#copy = this.session.copyIn(sql, this.doing);
    return this.#copy;
  }

  /** It is over for the server, well or not. */
  copyIsOver(): void {
    this.#copy = undefined;
  }

  async describe({ namespace, name }: QualifiedName): Promise<TargetTable | undefined> {
    const table = toTargetTable(namespace, name, await this.query(describeTarget(namespace, name)));
    if (table === undefined) return undefined;
    const { doing, signal } = this;
    // No matter which: modifiers are the server's to apply.
    const columns: readonly TypedColumn[] = table.columns.map((column) => ({ ...column, typeModifier: -1 }));
    const [typed] = await withTypes(this.session, [{ columns }], { arraysAs: 'list', doing, signal });
    return { ...table, columns: typed?.columns.map(withParts) ?? [] };
  }

  /** Creates a table that is not there. The role needs to be allowed to only then. */
  async createIfMissing(table: QualifiedName, definition: string): Promise<void> {
    const [there] = await this.query(findTable(table));
    if (there?.['found'] === 't') return;
    await this.query(lockCreation(table));
    await this.run(definition);
  }

  /** Rolls back, so that nothing of it runs when this resolves, and closes the connection. */
  async abandon(reason: unknown): Promise<void> {
    const { session, doing, signal } = this;
    if (this.#copy !== undefined) await session.abandon(this.#copy, reason);
    // What an abort has ended on the server is rolled back as the connection ends.
    else if (!signal.aborted) {
      const error = (): Error => new ConnectorError('timeout', doing, { kind: 'transient', effect: 'none' });
      const limited = timeout({ timeoutMs: rollbackMs, error }, session.clock);
      await limited((attempt) => session.rollback(doing, attempt.signal)).catch(() => undefined);
    }
    await session.close();
  }
}
