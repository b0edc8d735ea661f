import { ConnectorError, type Row } from '@sqlflow/connector-contract';
import type { BlockKind } from './blocks.js';
import { objectEncoder } from './encode/row-encoder.js';
import { takesText } from './encode/target-type.js';
import { valueWriter, writeString, type WriteValue } from './encode/value-writers.js';
import { quoteIdentifier } from './plan/identifier.js';
import type { TargetColumn } from './plan/target-table.js';
import { planWrite, type Way } from './plan/write-plan.js';

export type RowBlock = readonly Row[];

const blockRows = 8_192;

/** Lists of rows, from rows one by one. */
export async function* inBlocks(rows: AsyncIterable<Row> | Iterable<Row>): AsyncGenerator<RowBlock> {
  let block: Row[] = [];
  if (Symbol.asyncIterator in rows) {
    for await (const row of rows) {
      if (block.push(row) < blockRows) continue;
      yield block;
      block = [];
    }
  } else {
    for (const row of rows) {
      if (block.push(row) < blockRows) continue;
      yield block;
      block = [];
    }
  }
  if (block.length > 0) yield block;
}

/** Plain objects. The columns are those that rows of the first block have. */
export const rowBlocks: BlockKind<RowBlock> = {
  newColumns: () => [],

  plan(first, table, mode, key) {
    const names = new Set<string>();
    for (const row of first) for (const name of Object.keys(row)) names.add(name);
    const given = [...names].map((name) => ({ name, typeName: typeNameOf(first, name) }));
    const writers: (WriteValue | undefined)[] = [];
    const wayOf = (index: number, target: TargetColumn): Way => {
      // Of an array that comes as a text, such as `{1,2}`, the server makes one.
      const isText = given[index]?.typeName === 'string' && target.element !== undefined;
      writers[index] = isText ? undefined : valueWriter(target);
      if (writers[index] !== undefined) return 'binary';
      if (!takesText(target)) return undefined;
      writers[index] = writeString;
      return 'as-text';
    };
    const plan = planWrite(table, mode, key, given, wayOf);
    const columns = plan.columns.map(({ index, target, isKey }) => ({
      name: target.name,
      write: writers[index] as WriteValue,
      isRequired: isKey,
    }));
    const order = given.map(({ name }) => name);
    return {
      plan,
      encoder(rows, ordinal) {
        for (const row of rows) requireKnown(row, order, names);
        return objectEncoder(rows, columns, ordinal);
      },
      rowOf: (rows, index) => rows[index] ?? {},
    };
  },
};

/** Of the first value that is there. */
function typeNameOf(rows: RowBlock, name: string): string {
  for (const row of rows) {
    const value = Object.hasOwn(row, name) ? row[name] : undefined;
    if (value !== null && value !== undefined) return typeof value;
  }
  return 'nothing but null';
}

/** A column that comes later would be left out without a word. */
function requireKnown(row: Row, order: readonly string[], names: ReadonlySet<string>): void {
  let place = 0;
  for (const name in row) {
    // Rows mostly have their columns in one order.
    if (name === order[place++] || names.has(name)) continue;
    throw new ConnectorError(
      'invalid-data',
      `a row has the column ${quoteIdentifier(name)}, which none of the first ${String(blockRows)} rows has`,
      { kind: 'terminal', effect: 'none' },
    );
  }
}
