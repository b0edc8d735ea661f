import { ConnectorError, type Filter } from '@sqlflow/connector-contract';
import { filterSql } from './filter.js';
import { quoteIdentifier } from './identifier.js';
import { fromItem, titleOf } from './relation.js';
import type { ColumnDescription, TableDescription } from './table-description.js';

/** A column of a query's result. Where the query casts, `typeOid` and `typeModifier` are those of what it casts to. */
export interface PlannedColumn extends ColumnDescription {
  /** The query casts it to text. */
  readonly readAsText: boolean;
}

export interface ReadPlan {
  readonly sql: string;
  readonly parameters: readonly string[];
  /** What the result must look like. If it does not, the table was altered in between. */
  readonly columns: readonly PlannedColumn[];
}

const textOid = 25;
const textArrayOid = 1009;
const mostNamesShown = 20;

/**
 * Plans the reading of a whole table.
 *
 * @param columns - Names in the order wanted; all that may be read if absent.
 * @param isDecodable - Types whose binary form can be decoded. Any other is cast to text.
 * @param filter - What a row must fulfil.
 * @throws ConnectorError `invalid-option` for a column that is unknown or named twice, or a condition that makes no sense,
 * `permission-denied` for a column that the role may not read.
 */
export function planRead(
  table: TableDescription,
  columns: readonly string[] | undefined,
  isDecodable: (typeOid: number) => boolean,
  filter: Filter = [],
): ReadPlan {
  const planned = planColumns(table, columns, isDecodable);
  const parameters: string[] = [];
  const conditions = filterOf(table, filter, parameters);
  return {
    sql: `SELECT ${selectList(planned)} FROM ${fromItem(table)}${where(conditions)}`,
    parameters,
    columns: planned,
  };
}

/** The columns that a read gives. Throws as {@link planRead} does. */
export function planColumns(
  table: TableDescription,
  columns: readonly string[] | undefined,
  isDecodable: (typeOid: number) => boolean,
): readonly PlannedColumn[] {
  return chosen(table, columns).map((column) => planColumn(column, isDecodable));
}

/**
 * The conditions of a filter, whose values are appended to the parameters. Throws as {@link planRead} does.
 *
 * @param alias - Of the table, if its name is another one in the query.
 */
export function filterOf(
  table: TableDescription,
  filter: Filter,
  parameters: string[],
  alias?: string,
): string[] {
  columnsNamed(table, [...new Set(filter.map(({ column }) => column))], 'filter');
  return filterSql(filter, table.columns, parameters, alias);
}

export function selectList(planned: readonly PlannedColumn[]): string {
  return planned.map((column) => selectionOf(column)).join(', ');
}

/** All conditions must hold; none is no clause. */
export function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

/** A column that cannot be decoded is read as text; an array of elements that cannot, as an array of texts. */
export function planColumn(
  column: ColumnDescription,
  isDecodable: (typeOid: number) => boolean,
): PlannedColumn {
  const { type } = column;
  const isText = type === undefined ? !isDecodable(column.typeOid) : type.kind === 'text';
  if (isText) return planAsText(column);
  if (type?.kind !== 'array' || type.element.type.kind !== 'text') return { ...column, readAsText: false };
  const element = { ...type.element, typeOid: textOid };
  return {
    ...column,
    typeOid: textArrayOid,
    typeModifier: -1,
    type: { ...type, element },
    readAsText: false,
  };
}

/** Plans a column as the server's text, whatever its type. */
export function planAsText(column: ColumnDescription): PlannedColumn {
  const type = column.type && { type: { kind: 'text' as const } };
  return { ...column, ...type, typeOid: textOid, typeModifier: -1, readAsText: true };
}

/** The column in the list of a SELECT. @param sql - The column there, with its table before it if need be. */
export function selectionOf(
  { name, typeOid, type, readAsText }: PlannedColumn,
  sql = quoteIdentifier(name),
): string {
  if (readAsText) return `${sql}::pg_catalog.text`;
  const isCastArray = typeOid === textArrayOid && type?.kind === 'array' && type.element.type.kind === 'text';
  return isCastArray ? `${sql}::pg_catalog.text[]` : sql;
}

function chosen(table: TableDescription, names: readonly string[] | undefined): readonly ColumnDescription[] {
  if (names === undefined) {
    if (table.columns.length === 0 && table.deniedColumns.length > 0)
      throw denied(table, table.deniedColumns);
    return table.columns;
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw invalid(`option "columns" names ${JSON.stringify(repeated)} twice`);
  return columnsNamed(table, names, 'columns');
}

/**
 * The columns of these names, in their order.
 *
 * @param option - The option that names them.
 * @throws ConnectorError `invalid-option` for an unknown one, `permission-denied` for one that the role may not read.
 */
export function columnsNamed(
  table: TableDescription,
  names: readonly string[],
  option: string,
): readonly ColumnDescription[] {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  return names.map((name) => {
    const column = byName.get(name);
    if (column !== undefined) return column;
    throw table.deniedColumns.includes(name) ? denied(table, [name]) : unknown(table, name, option);
  });
}

function unknown(table: TableDescription, name: string, option: string): ConnectorError {
  const names = table.columns.map((column) => column.name);
  const alike = names.find((other) => other.toLowerCase() === name.toLowerCase());
  const hint =
    alike === undefined
      ? `it has ${names.slice(0, mostNamesShown).map(quoteIdentifier).join(', ')}${names.length > mostNamesShown ? ', …' : ''}`
      : `did you mean ${quoteIdentifier(alike)}?`;
  return invalid(
    `option "${option}" names ${JSON.stringify(name)}, which ${titleOf(table)} has not; ${hint}`,
  );
}

function denied(table: TableDescription, names: readonly string[]): ConnectorError {
  const list = names.slice(0, mostNamesShown).map(quoteIdentifier).join(', ');
  const message = `the role may not read ${list} of ${titleOf(table)}`;
  return new ConnectorError('permission-denied', message, { kind: 'terminal', effect: 'none' });
}

function invalid(message: string): ConnectorError {
  return new ConnectorError('invalid-option', message, { kind: 'terminal', effect: 'none' });
}
