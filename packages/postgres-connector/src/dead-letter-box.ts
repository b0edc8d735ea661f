import type { ResolvedWriteOptions } from './destination-options.js';
import type { QualifiedName } from './plan/checkpoint-table.js';
import { createDeadLetterTable, saveDeadLetter } from './plan/dead-letter-table.js';
import type { RejectedRow } from './rejected-row.js';
import type { WriteSession } from './write-session.js';

/** Where rows go that were not written. */
export class DeadLetterBox {
  readonly #table: QualifiedName | undefined;

  constructor(
    private readonly session: WriteSession,
    private readonly options: NonNullable<ResolvedWriteOptions['deadLetters']>,
    private readonly stream: QualifiedName,
    namespace: string,
  ) {
    const { table } = options;
    this.#table = table === undefined ? undefined : { namespace, name: table };
  }

  async open(): Promise<void> {
    if (this.#table === undefined) return;
    await this.session.createIfMissing(this.#table, createDeadLetterTable(this.#table));
  }

  async put(rejected: RejectedRow): Promise<void> {
    await this.options.onReject?.(rejected);
    if (this.#table === undefined) return;
    const { row, index, code, sqlState, column, constraint, reason } = rejected;
    const letter = { code, sqlState, column, constraint, reason, index: String(index), row: jsonOf(row) };
    await this.session.query(saveDeadLetter(this.#table, this.stream, letter));
  }
}

/** Bigints become texts, and bytes what PostgreSQL prints for them. */
function jsonOf(row: RejectedRow['row']): string {
  return JSON.stringify(row, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
}
