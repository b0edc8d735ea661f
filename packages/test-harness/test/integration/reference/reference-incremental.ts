import { type Checkpoint, ConnectorError, type IncrementalOptions } from '@sqlflow/connector-contract';
import type { SourceDefect } from './defects.js';
import { type ReferenceColumn, selectOf } from './reference-columns.js';
import type { ReferenceSession, TextRow } from './reference-session.js';
import type { Table } from './reference-source.js';

/**
 * A snapshot of the server lists transactions, and a row that is written behind a savepoint carries another number: so the state
 * of each number is asked, which is that of its transaction.
 */
const snapshotOfAll = `SELECT concat(low, ':', high, ':', (
    SELECT string_agg(x::text, ',' ORDER BY x) FROM generate_series(low, high - 1) AS x
     WHERE pg_xact_status(x::text::xid8) = 'in progress'))
  FROM (SELECT pg_snapshot_xmin(now)::text::bigint AS low, pg_snapshot_xmax(now)::text::bigint AS high
          FROM pg_current_snapshot() AS now) AS edges`;

/** A pass gives what is visible in `upTo` and was not in `beyond`, in the order of cursor and key. */
interface Position {
  readonly stream: string;
  /** A snapshot: what is visible in it has been given. */
  readonly beyond: string | null;
  /** The pass that has been begun: its snapshot, and the cursor and key of the last row given. */
  readonly upTo: string | null;
  readonly last: { readonly cursor: string | null; readonly key: readonly string[] } | null;
  readonly given?: readonly string[];
}

const format = { format: 'reference/incremental', version: 1 };

interface Page {
  readonly rows: TextRow[];
  readonly checkpoint: Checkpoint;
}

export async function* passes(
  session: ReferenceSession,
  table: Table,
  columns: readonly ReferenceColumn[],
  options: IncrementalOptions,
  defect: SourceDefect | undefined,
): AsyncGenerator<Page> {
  const { batchRows = 8192, nullCursors = 'include-first', cursorField } = options;
  const cursor = table.columns.find(({ name }) => name === cursorField);
  if (cursor === undefined) throw refused('invalid-option', `there is no column ${cursorField}`);
  const nulls = defect === 'null-cursors' ? 'exclude' : nullCursors;
  let position = positionOf(table, options.checkpoint);
  const select = selection(table, columns, cursor, defect);
  if (nulls === 'error' || nulls === 'always') {
    const rows = await session.query(`${select.rows} WHERE ${select.cursor} IS NULL`);
    if (nulls === 'error' && rows.length > 0)
      throw refused('invalid-data', `${String(rows.length)} cursors are NULL`);
    for (let start = 0; start < rows.length; start += batchRows) {
      yield {
        rows: select.visible(rows.slice(start, start + batchRows)),
        checkpoint: checkpointOf(position),
      };
    }
  }
  const isByCursorAlone = defect !== undefined && byCursorAlone.includes(defect);
  for (let isLastPass = false; !isLastPass;) {
    isLastPass = position.upTo === null;
    if (position.upTo === null) {
      const [[snapshot] = []] = await session.query(snapshotOfAll);
      const last = isByCursorAlone ? position.last : null;
      position = { ...position, upTo: snapshot ?? null, last };
    }
    for (let isFirst = true; ; isFirst = false) {
      const { sql, parameters } = select.page(
        position,
        nulls === 'include-first',
        batchRows,
        isByCursorAlone,
        isFirst,
      );
      const rows = await session.query(sql, parameters);
      const lastRow = rows.at(-1);
      if (lastRow === undefined) break;
      const before = position;
      position = { ...position, last: select.lastOf(lastRow) };
      if (defect === 'checkpoint-is-bounded-json') {
        const keys = rows.map((row) => select.lastOf(row).key.join());
        position = { ...position, given: [...(position.given ?? []), ...keys] };
      }
      const at = defect === 'resume-at-every-checkpoint' ? before : position;
      yield { rows: select.visible(rows), checkpoint: checkpointOf(at) };
    }
    position = { ...position, beyond: position.upTo, upTo: null };
  }
}

/** Those that know nothing of snapshots, as the usual strategies do not. */
const byCursorAlone: readonly SourceDefect[] = [
  'late-commit',
  'concurrent-writers',
  'incremental-gives-what-is-new',
  'equal-cursors',
  'cursor-precision',
  'cursor-types',
];

function selection(
  table: Table,
  columns: readonly ReferenceColumn[],
  cursorColumn: ReferenceColumn,
  defect: SourceDefect | undefined,
) {
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  // With the table before it: by its name alone ORDER BY would take the text that is selected.
  const own = (name: string): string => `own.${quoted(name)}`;
  const cursor = own(cursorColumn.name);
  const key = table.key.map(own);
  const typeOf = (name: string): string =>
    table.columns.find((column) => column.name === name)?.type ?? 'text';
  const expressions = columns.map((column) => selectOf(column, own(column.name)));
  const hidden = [cursor, ...key].map((name) => `${name}::text`);
  const rows = `SELECT ${[...expressions, ...hidden].join(', ')} FROM ${table.relation} AS own`;
  const isVisible = (parameter: string): string =>
    `pg_visible_in_snapshot(xmin::text::xid8, ${parameter}::pg_snapshot)`;
  return {
    cursor,
    rows,
    visible: (all: readonly TextRow[]): TextRow[] => all.map((row) => row.slice(0, columns.length)),
    lastOf: (row: TextRow) => ({
      cursor: kept(row[columns.length] ?? null, cursorColumn, defect),
      key: row.slice(columns.length + 1).map(String),
    }),
    page: (
      position: Position,
      withNulls: boolean,
      limit: number,
      isByCursorAlone: boolean,
      isFirst: boolean,
    ) => {
      const parameters: (string | null)[] = [];
      const parameter = (value: string | null, type: string): string =>
        `$${String(parameters.push(value))}::text::${type}`;
      const conditions: string[] = withNulls ? [] : [`${cursor} IS NOT NULL`];
      if (!isByCursorAlone) {
        conditions.push(isVisible(parameter(position.upTo, 'text')));
        if (position.beyond !== null) conditions.push(`NOT ${isVisible(parameter(position.beyond, 'text'))}`);
      }
      if (position.last !== null) conditions.push(beyond(position.last));
      const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
      const order = defect === 'cursor-types' ? `${cursor}::text COLLATE "C"` : cursor;
      const sql = `${rows} ${where} ORDER BY ${[`${order} NULLS FIRST`, ...key].join(', ')} LIMIT ${String(limit)}`;
      return { sql, parameters };

      function beyond(last: NonNullable<Position['last']>): string {
        const keys = () =>
          last.key.map((value, index) => parameter(value, typeOf(table.key[index] ?? ''))).join(', ');
        if (last.cursor === null) return `(${cursor} IS NOT NULL OR (${key.join(', ')}) > (${keys()}))`;
        const value = parameter(last.cursor, cursorColumn.type);
        if (defect === 'equal-cursors') return `${cursor} > ${value}`;
        if (defect === 'incremental-gives-what-is-new' && isFirst) return `${cursor} >= ${value}`;
        if (defect === 'cursor-types') return `${cursor}::text COLLATE "C" > ${value}::text`;
        return `(${[cursor, ...key].join(', ')}) > (${value}, ${keys()})`;
      }
    },
  };
}

function kept(
  cursor: string | null,
  { type }: ReferenceColumn,
  defect: SourceDefect | undefined,
): string | null {
  if (cursor === null || defect !== 'cursor-precision') return cursor;
  return type.startsWith('timestamp') ? new Date(cursor).toISOString() : String(Number(cursor));
}

function positionOf(table: Table, checkpoint: Checkpoint | undefined): Position {
  if (checkpoint === undefined) return { stream: table.name, beyond: null, upTo: null, last: null };
  const position = checkpoint.position as unknown as Position;
  const isOurs = checkpoint.format === format.format && checkpoint.version === format.version;
  if (!isOurs || position.stream !== table.name) {
    throw refused('invalid-option', `checkpoint is of ${checkpoint.format} ${String(checkpoint.version)}`);
  }
  return position;
}

function checkpointOf(position: Position): Checkpoint {
  return { ...format, position: { ...position } };
}

function refused(code: 'invalid-option' | 'invalid-data', message: string): ConnectorError {
  return new ConnectorError(code, message, { kind: 'terminal', effect: 'none' });
}
