import type { Row } from '@sqlflow/connector-contract';
import { NonConformance } from './requirement.js';

/** How many rows a message shows. */
const shown = 3;

/** A row as a text that is the same for the same row alone. */
export function rowText(row: Row): string {
  return `{${Object.entries(row)
    .map(([name, value]) => `${name}: ${valueText(value)}`)
    .join(', ')}}`;
}

function valueText(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return `${value}n`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'string':
      return JSON.stringify(value);
    default:
      return value instanceof Uint8Array
        ? `bytes ${Buffer.from(value).toString('hex')}`
        : JSON.stringify(value);
  }
}

export interface RowsDifference {
  readonly lost: readonly string[];
  readonly repeated: readonly string[];
  readonly strange: readonly string[];
}

/** Compares rows as they came with rows as they must, in any order, each as often as it is there. */
export function compareRows(actual: Iterable<Row>, expected: Iterable<Row>): RowsDifference {
  const open = new Map<string, number>();
  for (const row of expected) {
    const text = rowText(row);
    open.set(text, (open.get(text) ?? 0) + 1);
  }
  const [repeated, strange]: [string[], string[]] = [[], []];
  for (const row of actual) {
    const text = rowText(row);
    const left = open.get(text);
    if (left === undefined) strange.push(text);
    else if (left === 0) repeated.push(text);
    else open.set(text, left - 1);
  }
  const lost = [...open].flatMap(([text, left]) => Array.from({ length: left }, () => text));
  return { lost, repeated, strange };
}

/** @throws NonConformance that says how many rows were lost, repeated or were none of these, and shows some. */
export function requireRows(actual: Iterable<Row>, expected: Iterable<Row>, doing: string): void {
  const difference = compareRows(actual, expected);
  const parts = [
    sample('lost', difference.lost),
    sample('given more often than once', difference.repeated),
    sample('given that were not to come', difference.strange),
  ].flat();
  if (parts.length > 0) throw new NonConformance(`${doing}: ${parts.join('; ')}`);
}

function sample(what: string, rows: readonly string[]): string[] {
  if (rows.length === 0) return [];
  const some = rows.slice(0, shown).map((row) => (row.length > 300 ? `${row.slice(0, 300)}…` : row));
  return [`${String(rows.length)} rows ${what}, such as ${some.join(', ')}`];
}
