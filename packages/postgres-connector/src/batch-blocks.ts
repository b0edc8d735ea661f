import { ConnectorError, rowsOf } from '@sqlflow/connector-contract';
import type { RecordBatch, Schema } from 'apache-arrow';
import type { BlockKind, NewColumn } from './blocks.js';
import { type ColumnWriter, columnWriter, textColumnWriter } from './encode/column-writers.js';
import { batchEncoder } from './encode/row-encoder.js';
import { sqlTypeOf } from './encode/sql-type-of.js';
import { takesText } from './encode/target-type.js';
import { quoteIdentifier } from './plan/identifier.js';
import { planWrite, type Way } from './plan/write-plan.js';

/** Batches of Arrow. */
export const batchBlocks: BlockKind<RecordBatch> = {
  newColumns: ({ schema }) => schema.fields.map(newColumn),

  plan(first, table, mode, key) {
    // Of the batch nothing more is kept.
    const { schema } = first;
    const { fields } = schema;
    const writers: (ColumnWriter | undefined)[] = [];
    const wayOf = (index: number, target: (typeof table.columns)[number]): Way => {
      const field = fields[index];
      if (field === undefined) return undefined;
      writers[index] = columnWriter(field, target);
      if (writers[index] !== undefined) return 'binary';
      if (!takesText(target)) return undefined;
      writers[index] = textColumnWriter(field);
      return writers[index] === undefined ? undefined : 'as-text';
    };
    const given = fields.map((field) => ({ name: field.name, typeName: String(field.type) }));
    const plan = planWrite(table, mode, key, given, wayOf);
    const columns = plan.columns.map(({ index, target, isKey }) => ({
      index,
      name: target.name,
      write: writers[index] as ColumnWriter,
      isRequired: isKey,
    }));
    return {
      plan,
      encoder(batch, ordinal) {
        requireSame(schema, batch.schema);
        return batchEncoder(batch, columns, ordinal);
      },
      rowOf(batch, index) {
        const [row] = rowsOf(batch.slice(index, index + 1));
        return row ?? {};
      },
    };
  },
};

function newColumn(field: Schema['fields'][number]): NewColumn {
  const ownType = field.metadata.get('postgres:type');
  const sqlType = sqlTypeOf(field);
  if (sqlType === undefined) {
    throw refused(
      'unsupported',
      `column ${quoteIdentifier(field.name)} is ${String(field.type)}, for which no column is created`,
    );
  }
  return { name: field.name, nullable: field.nullable, sqlType, ...(ownType !== undefined && { ownType }) };
}

function requireSame(first: Schema, schema: Schema): void {
  if (schema === first) return;
  const isSame =
    schema.fields.length === first.fields.length &&
    schema.fields.every((field, index) => {
      const other = first.fields[index];
      return field.name === other?.name && String(field.type) === String(other.type);
    });
  if (isSame) return;
  throw refused(
    'invalid-data',
    `the columns of the batches changed from ${describe(first)} to ${describe(schema)}`,
  );
}

const mostShown = 20;

function describe({ fields }: Schema): string {
  const shown = fields
    .slice(0, mostShown)
    .map(({ name, type }) => `${quoteIdentifier(name)} ${String(type)}`);
  return `(${shown.join(', ')}${fields.length > mostShown ? ', …' : ''})`;
}

function refused(code: 'invalid-data' | 'unsupported', message: string): ConnectorError {
  return new ConnectorError(code, message, { kind: 'terminal', effect: 'none' });
}
