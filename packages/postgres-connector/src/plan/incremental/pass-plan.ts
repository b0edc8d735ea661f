import type { Filter } from '@sqlflow/connector-contract';
import type { Query } from '../catalog.js';
import { quoteIdentifier } from '../identifier.js';
import { filterOf, planAsText, type PlannedColumn, type ReadPlan, selectionOf, where } from '../read-plan.js';
import { fromItem } from '../relation.js';
import type { ColumnDescription, TableDescription } from '../table-description.js';
import { comesAfter, type KeysetColumn, orderBy, type Parameter } from '../keyset.js';
import type { Ago, Pass, RowPosition, VersionPosition } from './position.js';
import { type TransactionSet, writtenBetween, writtenWithin } from './transaction-set.js';

const alias = 'own';
const text = 'pg_catalog.text';
const timestamptzOid = 1184;

/** What all passes of a read have in common. */
export interface IncrementalRelation {
  readonly table: TableDescription;
  /** What the caller gets. */
  readonly columns: readonly PlannedColumn[];
  readonly cursor: ColumnDescription;
  readonly key: readonly ColumnDescription[];
  /** Rows whose cursor is NULL come first; else they do not come. */
  readonly withNulls: boolean;
  /** What a row must fulfil. */
  readonly filter: Filter;
}

/** Plans a pass by row versions. */
export function planVersionPass(
  relation: IncrementalRelation,
  { through, split }: VersionPosition,
  pass: Pass,
): ReadPlan {
  const { cursor, withNulls } = relation;
  const own = column(cursor);
  const orNull = withNulls && cursor.nullable ? ` OR ${own} IS NULL` : '';
  return plan(relation, pass.last, (parameter) => {
    const conditions: string[] = [];
    if (pass.until !== null) conditions.push(`(${own} < ${parameter(pass.until, cursor.sqlType)}${orNull})`);
    if (pass.from !== null) {
      const from = earlier(cursor, pass.from, parameter);
      // Above the split nothing has been given yet, however long ago it was stamped.
      const least = split === null ? from : `LEAST(${from}, ${parameter(split.at, cursor.sqlType)})`;
      conditions.push(`(${own} >= ${least}${orNull})`);
    }
    const settled = pass.settled && earlier(cursor, pass.settled, parameter);
    const newSince = (given: TransactionSet | null): string => {
      const within =
        given === null ? writtenWithin(pass.through, alias) : writtenBetween(given, pass.through, alias);
      if (settled === null) return within;
      // An update meanwhile, which left the cursor as it is, would hide the row from this pass, and no later one looks there.
      const notGiven = given === null ? '' : ` AND NOT ${writtenWithin(given, alias)}`;
      return `(${within} OR (${own} < ${settled}${notGiven}))`;
    };
    if (split === null) return [...conditions, newSince(through)];
    const at = parameter(split.at, cursor.sqlType);
    const [below, beyond] = [newSince(through), newSince(split.beyond)];
    return [...conditions, `((${own} >= ${at} AND ${beyond}) OR ((${own} < ${at}${orNull}) AND ${below}))`];
  });
}

/** Plans a pass by cursors alone. @param until - exclusive */
export function planCursorPass(
  relation: IncrementalRelation,
  last: RowPosition | null,
  until: string | null,
): ReadPlan {
  const { cursor, withNulls } = relation;
  const own = column(cursor);
  const orNull = withNulls && cursor.nullable ? ` OR ${own} IS NULL` : '';
  return plan(relation, last, (parameter) => {
    return until === null ? [] : [`(${own} < ${parameter(until, cursor.sqlType)}${orNull})`];
  });
}

/** Plans the reading of all rows whose cursor is NULL, in the order of the key. */
export function planNullCursors(relation: IncrementalRelation, last: RowPosition | null): ReadPlan {
  return plan({ ...relation, withNulls: true }, last, () => [`${column(relation.cursor)} IS NULL`]);
}

/** Says whether there is a row whose cursor is NULL. */
export function askNullCursor({ table, cursor, filter }: IncrementalRelation): Query {
  const parameters: string[] = [];
  const conditions = [...filterOf(table, filter, parameters, alias), `${column(cursor)} IS NULL`];
  return {
    sql: `SELECT EXISTS (SELECT FROM ${fromItem(table, alias)}${where(conditions)}) AS has_null`,
    parameters,
  };
}

/**
 * Asks for the earlier of two bounds, but none before a third: what has been given up to there is not taken back. `is_given` says
 * that it is the third, and `is_before` that the first lies before it.
 *
 * @param asked - As text, by the caller.
 * @param safe - So much before a time.
 * @param given - As text, by the checkpoint.
 */
export function askBound(
  cursor: ColumnDescription,
  asked: string | null,
  safe: Ago | null,
  given: string | null,
): Query {
  const { parameters, parameter } = collector();
  const sqlOf = (value: string | null): string =>
    value === null ? 'NULL' : parameter(value, cursor.sqlType);
  const [one, two, three] = [
    sqlOf(asked),
    safe === null ? 'NULL' : earlier(cursor, safe, parameter),
    sqlOf(given),
  ];
  return {
    sql: `SELECT GREATEST(LEAST(${one}, ${two}), ${three})::${text} AS until,
  LEAST(${one}, ${two}) < ${three} AS is_given, ${one} < ${three} AS is_before`,
    parameters,
  };
}

function plan(
  relation: IncrementalRelation,
  last: RowPosition | null,
  conditionsOf: (parameter: Parameter) => readonly string[],
): ReadPlan {
  const { table, columns, cursor, key, filter, withNulls } = relation;
  const { parameters, parameter } = collector();
  const conditions = [...filterOf(table, filter, parameters, alias), ...conditionsOf(parameter)];
  if (cursor.nullable && !withNulls) conditions.push(`${column(cursor)} IS NOT NULL`);
  const order = keyset(relation);
  if (last !== null) conditions.push(goesOn(order, last, key.length > 0, parameter));
  const hidden = [cursor, ...key].map((one) => planAsText({ ...one, nullable: true }));
  const list = [
    ...columns.map((one) => selectionOf(one, column(one))),
    ...hidden.map((one) => selectionOf(one, column(one))),
  ];
  return {
    sql: `SELECT ${list.join(', ')} FROM ${fromItem(table, alias)}${where(conditions)} ORDER BY ${orderBy(order)}`,
    parameters,
    columns: [...columns, ...hidden],
  };
}

function keyset({ cursor, key, withNulls }: IncrementalRelation): KeysetColumn[] {
  const nulls = cursor.nullable && withNulls ? 'first' : 'never';
  return [
    { sql: column(cursor), sqlType: cursor.sqlType, nulls },
    ...key.map((one) => ({
      sql: column(one),
      sqlType: one.sqlType,
      nulls: one.nullable ? ('last' as const) : ('never' as const),
    })),
  ];
}

/** Without a key there is no telling which rows of the last cursor have been given: all of them come again. */
function goesOn(
  order: readonly KeysetColumn[],
  { cursor, key }: RowPosition,
  hasKey: boolean,
  parameter: Parameter,
): string {
  const after = comesAfter(order, [cursor, ...key], parameter);
  const [first] = order;
  if (hasKey || first === undefined) return after;
  const same =
    cursor === null ? `${first.sql} IS NULL` : `${first.sql} = ${parameter(cursor, first.sqlType)}`;
  return `(${after} OR ${same})`;
}

/** A time so much before another, as a value of the cursor's type. */
function earlier({ typeOid, sqlType }: ColumnDescription, { at, lessMs }: Ago, parameter: Parameter): string {
  const time = `(${parameter(at, 'timestamptz')} - ${parameter(`${String(lessMs)} milliseconds`, 'interval')})`;
  // What has no time zone is taken for UTC.
  return typeOid === timestamptzOid ? time : `(${time} AT TIME ZONE 'UTC')::${sqlType}`;
}

function column({ name }: { readonly name: string }): string {
  return `${alias}.${quoteIdentifier(name)}`;
}

function collector() {
  const parameters: string[] = [];
  const parameter: Parameter = (value, sqlType) => {
    parameters.push(value);
    return `$${String(parameters.length)}::${text}::${sqlType}`;
  };
  return { parameters, parameter };
}
