import type { Row } from '@sqlflow/connector-contract';
import type { ColumnKind, StreamSpec } from '../source/source-fixture.js';
import { quoted } from './postgres-place.js';

/** How a value of a kind is asked for, and what `rows()` would give for the text that comes. */
interface Stored {
  readonly sql?: (column: string) => string;
  readonly value?: (text: string) => unknown;
}

const finiteOr = (column: string, sql: string): string =>
  `CASE WHEN isfinite(${column}) THEN ${sql} ELSE ${column}::text END`;
const microseconds = (column: string): string =>
  finiteOr(column, `(extract(epoch FROM ${column}) * 1000000)::bigint::text`);

const stored: Readonly<Record<ColumnKind, Stored>> = {
  boolean: { value: (text) => text === 'true' },
  int16: { value: Number },
  int32: { value: Number },
  int64: { value: BigInt },
  float32: { value: (text) => Math.fround(Number(text)) },
  float64: { value: Number },
  decimal: {},
  numeric: {},
  text: {},
  bytes: {
    sql: (column) => `encode(${column}, 'hex')`,
    value: (text) => Uint8Array.from(Buffer.from(text, 'hex')),
  },
  uuid: {},
  date: { sql: (column) => finiteOr(column, `(${column} - date '1970-01-01')::text`), value: dateOf },
  timestamp: { sql: microseconds, value: (text) => timestampOf(text, '') },
  timestamptz: { sql: microseconds, value: (text) => timestampOf(text, 'Z') },
  json: {},
};

/** Selects all rows. Columns are called by their numbers: what a client does to a name such as `__proto__` does not matter. */
export function selectAll({ name, columns }: StreamSpec): string {
  const list = columns.map((column, index) => {
    const sql = stored[column.kind].sql ?? ((given: string) => `${given}::text`);
    return `${sql(quoted(column.name))} AS c${index}`;
  });
  return `SELECT ${list.join(', ')} FROM ${quoted(name)}`;
}

/** A row as `rows()` would give it, from one that `selectAll` gives. */
export function storedRow({ columns }: StreamSpec, row: Row): Row {
  return Object.fromEntries(
    columns.map(({ name, kind }, index) => {
      const text = row[`c${index}`];
      return [name, typeof text === 'string' ? (stored[kind].value?.(text) ?? text) : null];
    }),
  );
}

function dateOf(text: string): string {
  if (text.endsWith('infinity')) return text;
  return new Date(Number(text) * 86_400_000).toISOString().slice(0, -'T00:00:00.000Z'.length);
}

function timestampOf(text: string, zone: string): string {
  if (text.endsWith('infinity')) return text;
  const micros = BigInt(text);
  const withinMs = ((micros % 1000n) + 1000n) % 1000n;
  const toMs = new Date(Number((micros - withinMs) / 1000n)).toISOString().slice(0, -1);
  return `${toMs}${String(withinMs).padStart(3, '0')}${zone}`;
}
