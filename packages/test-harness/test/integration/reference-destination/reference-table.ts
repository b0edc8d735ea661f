import {
  ConnectorError,
  type ConnectorErrorCode,
  rowsOf,
  type WriteOptions,
} from '@sqlflow/connector-contract';
import type { RecordBatch, Schema } from 'apache-arrow';
import { parameterOf } from '../../../src/conformance/postgres/column-values.js';
import { fieldOf, type ReferenceColumn } from '../reference/reference-columns.js';
import type { ReferenceSession } from '../reference/reference-session.js';
import type { DestinationDefect } from './defects.js';

/** PostgreSQL takes 65 535 parameters in a statement. */
const parametersPerStatement = 30_000;

/** A table that rows are written to, within the transaction of its session. */
export class ReferenceTable {
  private constructor(
    private readonly session: ReferenceSession,
    private readonly relation: string,
    private readonly columns: readonly ReferenceColumn[],
    private readonly options: WriteOptions,
    private readonly defect: DestinationDefect | undefined,
  ) {}

  static async describe(
    session: ReferenceSession,
    name: string,
    options: WriteOptions,
    defect: DestinationDefect | undefined,
  ): Promise<ReferenceTable> {
    const relation = `public.${quoted(name, defect)}`;
    const found = await session.query(
      `SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull FROM pg_attribute
        WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
      [relation],
    );
    const columns = found.map(([column, type, isNullable]) => ({
      name: column ?? '',
      type: type ?? '',
      isNullable: isNullable === 't',
    }));
    const { mode, key = [] } = options;
    const isKnown = key.every((one) => columns.some((column) => column.name === one));
    if (!isKnown || (mode === 'upsert' && key.length === 0))
      throw refused('invalid-option', `no key (${key.join()})`);
    return new ReferenceTable(session, relation, columns, options, defect);
  }

  async empty(): Promise<void> {
    await this.session.query(`DELETE FROM ${this.relation}`);
  }

  async write(batch: RecordBatch): Promise<void> {
    const names = this.#checked(batch.schema);
    const { mode, key = [] } = this.options;
    const rows = mode === 'upsert' ? this.#oneOfEachKey(batch, key) : [...rowsOf(batch)];
    const perStatement = Math.floor(parametersPerStatement / names.length);
    for (let start = 0; start < rows.length; start += perStatement) {
      const some = rows.slice(start, start + perStatement);
      const tuples = some.map(
        (_, row) => `(${names.map((__, at) => `$${row * names.length + at + 1}`).join()})`,
      );
      const list = names.map((name) => quoted(name, this.defect));
      await this.session.query(
        `INSERT INTO ${this.relation} (${list.join()}) VALUES ${tuples.join()} ${mode === 'upsert' ? this.#onConflict(names, key) : ''}`,
        some.flatMap((row) => names.map((name) => parameterOf(this.#mangled(row[name])))),
      );
    }
  }

  /** @returns the names of the columns that are written. */
  #checked({ fields }: Schema): string[] {
    const leftOut = fields.filter(({ name }) => !this.columns.some((column) => column.name === name));
    if (leftOut.length > 0 && this.defect !== 'drift-is-refused') {
      throw refused('invalid-data', `there is no column ${leftOut[0]!.name}`);
    }
    for (const column of this.columns) {
      const field = fields.find(({ name }) => name === column.name);
      if (field === undefined && column.isNullable) continue;
      if (String(field?.type) === String(fieldOf(column).type)) continue;
      throw refused(
        'invalid-data',
        `column ${column.name} is ${column.type}, and ${String(field?.type)} in the batch`,
      );
    }
    return fields.filter((field) => !leftOut.includes(field)).map(({ name }) => name);
  }

  #oneOfEachKey(batch: RecordBatch, key: readonly string[]): Record<string, unknown>[] {
    const rows = [...rowsOf(batch)];
    if (this.defect === 'upsert-by-key') rows.reverse();
    return [
      ...new Map(rows.map((row) => [JSON.stringify(key.map((name) => String(row[name]))), row])).values(),
    ];
  }

  #onConflict(names: readonly string[], key: readonly string[]): string {
    const changed = names.filter((name) => !key.includes(name)).map((name) => quoted(name, this.defect));
    const action =
      changed.length === 0
        ? 'NOTHING'
        : `UPDATE SET ${changed.map((name) => `${name} = excluded.${name}`).join()}`;
    return `ON CONFLICT (${key.map((name) => quoted(name, this.defect)).join()}) DO ${action}`;
  }

  #mangled(value: unknown): unknown {
    const isTime = typeof value === 'string' && /^[+-]?\d+-\d\d-\d\dT[\d:.]+Z?$/.test(value);
    if (this.defect !== 'types-at-their-edges' || !isTime) return value;
    return new Date(value.endsWith('Z') ? value : `${value}Z`).toISOString();
  }
}

export function quoted(name: string, defect?: DestinationDefect): string {
  return defect === 'hostile-names' ? `"${name}"` : `"${name.replaceAll('"', '""')}"`;
}

function refused(code: ConnectorErrorCode, message: string): ConnectorError {
  return new ConnectorError(code, message, { kind: 'terminal', effect: 'none' });
}
