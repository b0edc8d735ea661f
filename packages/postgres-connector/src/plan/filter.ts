import { type Condition, ConnectorError, type Filter } from '@sqlflow/connector-contract';
import { arrayText } from './array-text.js';
import { comparableOf, isComparable, plainText } from './filter-value.js';
import { quoteIdentifier } from './identifier.js';
import type { ColumnDescription } from './table-description.js';

const comparisons: ReadonlyMap<string, string> = new Map([
  ['=', '='],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

/** Every operator that a condition may have. */
export const filterOperators = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  'not-in',
  'is-null',
  'is-not-null',
] as const;

/**
 * Writes conditions as SQL, one text each, to be joined by AND. No value is in it: each is a parameter, as text.
 *
 * @param columns - Those that may be named, each of the type beneath its domain.
 * @param parameters - The values are appended to it.
 * @param alias - Of the table, if column names alone would be ambiguous.
 * @throws ConnectorError `invalid-option` for an unknown column or operator, and for a value that does not fit.
 */
export function filterSql(
  conditions: Filter,
  columns: readonly ColumnDescription[],
  parameters: string[],
  alias?: string,
): string[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const prefix = alias === undefined ? '' : `${quoteIdentifier(alias)}.`;
  return conditions.map((condition) => {
    const column = byName.get(condition.column);
    if (column === undefined)
      throw invalid(`filter names the unknown column ${JSON.stringify(condition.column)}`);
    return conditionSql(condition, column, `${prefix}${quoteIdentifier(column.name)}`, parameters);
  });
}

function conditionSql(
  condition: Condition,
  column: ColumnDescription,
  operand: string,
  parameters: string[],
): string {
  const { op } = condition;
  const value: unknown = 'value' in condition ? condition.value : undefined;
  if (op === 'is-null' || op === 'is-not-null') {
    if (value !== undefined) throw invalid(`${titleOf(condition)} takes no value`);
    return `${operand} IS ${op === 'is-null' ? '' : 'NOT '}NULL`;
  }
  if (!isComparable(column.typeOid)) {
    throw invalid(
      `${titleOf(condition)} is not possible: ${column.sqlType} cannot be compared, only is-null can be asked`,
    );
  }
  if (op === 'in' || op === 'not-in') {
    if (!Array.isArray(value)) throw invalid(`${titleOf(condition)} needs a list, not ${kindOf(value)}`);
    const texts = value.map((each: unknown) => textOf(each, condition, column));
    return membershipSql(op, column, operand, texts, parameters);
  }
  const operator = comparisons.get(op);
  if (operator === undefined) {
    const known = filterOperators.join(', ');
    throw invalid(
      `filter on ${JSON.stringify(column.name)} has the unknown operator ${JSON.stringify(op)}; known are ${known}`,
    );
  }
  return `${operand} ${operator} ${place(textOf(value, condition, column), column, parameters)}`;
}

/** One array is one parameter, however long. Of a type that only the server knows, an array may be something else. */
function membershipSql(
  op: 'in' | 'not-in',
  column: ColumnDescription,
  operand: string,
  texts: readonly string[],
  parameters: string[],
): string {
  const isIn = op === 'in';
  if (texts.length === 0) return isIn ? 'false' : 'true';
  const comparable = comparableOf(column.typeOid);
  const operator = isIn ? '=' : '<>';
  if (comparable === undefined) {
    const each = texts.map((text) => `${operand} ${operator} ${place(text, column, parameters)}`);
    return `(${each.join(isIn ? ' OR ' : ' AND ')})`;
  }
  parameters.push(arrayText(texts));
  const list = `$${String(parameters.length)}::pg_catalog.${comparable.cast}[]`;
  return `${operand} ${operator} ${isIn ? 'ANY' : 'ALL'} (${list})`;
}

/** A parameter without a cast takes the type of what it is compared with. */
function place(text: string, column: ColumnDescription, parameters: string[]): string {
  parameters.push(text);
  const comparable = comparableOf(column.typeOid);
  const cast = comparable === undefined ? '' : `::pg_catalog.${comparable.cast}`;
  return `$${String(parameters.length)}${cast}`;
}

function textOf(value: unknown, condition: Condition, column: ColumnDescription): string {
  if (value === null || value === undefined) {
    const given = value === null ? 'null' : 'no value';
    throw invalid(
      `${titleOf(condition)} has ${given}, which nothing equals; ask with is-null or is-not-null`,
    );
  }
  const { toText, expects } = comparableOf(column.typeOid) ?? {
    toText: plainText,
    expects: 'the text that the server prints for it',
  };
  const text = toText(value);
  if (text !== undefined) return text;
  throw invalid(
    `${titleOf(condition)} has a value that does not fit ${column.sqlType}: ${kindOf(value)}; it must be ${expects}`,
  );
}

/** The column and the operator; a value may be that of a row, and is not told. */
function titleOf({ column, op }: Condition): string {
  return `filter on ${JSON.stringify(column)} with ${op}`;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'no value';
  if (value === '') return 'an empty text';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Uint8Array) return 'a Uint8Array';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function invalid(message: string): ConnectorError {
  return new ConnectorError('invalid-option', message, { kind: 'terminal', effect: 'none' });
}
