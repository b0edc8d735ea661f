import { ConnectorError } from '@sqlflow/connector-contract';
import { quoteIdentifier, quoteQualified } from './identifier.js';
import type { TargetColumn, TargetTable } from './target-table.js';

export type Mode = 'append' | 'replace' | 'upsert' | 'delete';

/** What the batches have to say of a column. */
export interface GivenColumn {
  readonly name: string;
  /** As a message may call it, such as `Int64`. */
  readonly typeName: string;
}

/** How values of a given column come into one of the table; `undefined` if they are none of its values. */
export type Way = 'binary' | 'as-text' | undefined;

export interface WrittenColumn {
  /** Its place among those that are given. */
  readonly index: number;
  readonly target: TargetColumn;
  /** It is sent as text, which the server casts. */
  readonly isAsText: boolean;
  readonly isKey: boolean;
}

export interface WritePlan {
  readonly table: TargetTable;
  readonly mode: Mode;
  /** In the order in which they are sent. */
  readonly columns: readonly WrittenColumn[];
  readonly key: readonly string[];
  /** The rows go to a table of their own first, and from there to where they belong. */
  readonly isStaged: boolean;
}

/**
 * Plans a write, or refuses it because the columns have drifted apart.
 *
 * @param wayOf - How the given column of that number is written to one of the table.
 * @throws ConnectorError `invalid-data` for columns that do not go with those of the table.
 */
export function planWrite(
  table: TargetTable,
  mode: Mode,
  key: readonly string[],
  given: readonly GivenColumn[],
  wayOf: (index: number, target: TargetColumn) => Way,
): WritePlan {
  const title = quoteQualified(table.namespace, table.name);
  const columns: WrittenColumn[] = [];
  if (given.length === 0) throw drift('the batches have no columns');
  for (const [index, { name, typeName }] of given.entries()) {
    if (given.findIndex((other) => other.name === name) !== index)
      throw drift(`the batches have two columns ${quoteIdentifier(name)}`);
    const isKey = key.includes(name);
    // Rows are deleted by their keys; what else they carry does not matter.
    if (mode === 'delete' && !isKey) continue;
    const target = table.columns.find((column) => column.name === name);
    if (target === undefined) {
      throw drift(
        `${title} has no column ${quoteIdentifier(name)}; leave it out of the batches, or add it (addColumns)`,
      );
    }
    if (target.isGenerated) {
      throw drift(
        `the server computes ${quoteIdentifier(name)} of ${title}, which takes no value; leave it out of the batches`,
      );
    }
    const way = wayOf(index, target);
    if (way === undefined) {
      throw drift(
        `column ${quoteIdentifier(name)} of ${title} is ${target.sqlType}, and ${typeName} in the batches`,
      );
    }
    columns.push({ index, target, isKey, isAsText: way === 'as-text' });
  }
  requireAll(table, mode, key, given, title);
  const isByKey = mode === 'upsert' || mode === 'delete';
  const isStaged = isByKey || table.hasRowSecurity || columns.some(({ isAsText }) => isAsText);
  return { table, mode, columns, key, isStaged };
}

function requireAll(
  table: TargetTable,
  mode: Mode,
  key: readonly string[],
  given: readonly GivenColumn[],
  title: string,
): void {
  const has = (name: string): boolean => given.some((column) => column.name === name);
  const lacking = key.find((name) => !has(name));
  if (lacking !== undefined) {
    throw drift(`the batches have no column ${quoteIdentifier(lacking)}, which is of the key`);
  }
  if (mode === 'delete') return;
  const missing = table.columns.find(
    ({ name, nullable, hasDefault, isGenerated }) => !nullable && !hasDefault && !isGenerated && !has(name),
  );
  if (missing === undefined) return;
  throw drift(
    `the batches have no column ${quoteIdentifier(missing.name)}, which ${title} must have: it is NOT NULL and has no default`,
  );
}

/**
 * Looks whether a table can be written to in a mode, before any batch is taken.
 *
 * @throws ConnectorError `invalid-option` for a key that it does not have or cannot merge by, `unsupported` for what is
 * no table.
 */
export function requireWritable(table: TargetTable, mode: Mode, key: readonly string[]): void {
  const title = quoteQualified(table.namespace, table.name);
  if (!['r', 'p', 'f'].includes(table.kind)) {
    throw refused('unsupported', `${title} is a view, which is not written to; write to its table`);
  }
  const unknown = key.find((name) => !table.columns.some((column) => column.name === name));
  if (unknown !== undefined) {
    const names = table.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
    throw refused(
      'invalid-option',
      `option "key" names ${JSON.stringify(unknown)}, which ${title} has not; it has ${names}`,
    );
  }
  if (mode !== 'upsert') return;
  const wanted = new Set(key);
  const isUnique = table.uniqueKeys.some(
    (columns) => columns.length === wanted.size && columns.every((name) => wanted.has(name)),
  );
  if (isUnique) return;
  throw refused(
    'invalid-option',
    `an upsert by ${list(key)} needs a unique index of just these columns on ${title}, such as by ` +
      `CREATE UNIQUE INDEX ON ${title} (${list(key)})`,
  );
}

function list(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(', ');
}

function drift(message: string): ConnectorError {
  return refused('invalid-data', message);
}

function refused(code: 'invalid-data' | 'invalid-option' | 'unsupported', message: string): ConnectorError {
  return new ConnectorError(code, message, { kind: 'terminal', effect: 'none' });
}
