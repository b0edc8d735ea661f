import type { ColumnKind } from '../source/source-fixture.js';

/** What PostgreSQL calls each kind. */
export const postgresTypes: Readonly<Record<ColumnKind, string>> = {
  boolean: 'boolean',
  int16: 'smallint',
  int32: 'integer',
  int64: 'bigint',
  float32: 'real',
  float64: 'double precision',
  decimal: 'numeric(38,9)',
  numeric: 'numeric',
  text: 'text',
  bytes: 'bytea',
  uuid: 'uuid',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  json: 'jsonb',
};

/** A value of `rows()` as the text that PostgreSQL takes for it. A text that is a date of a year outside 1 to 9999 is taken for one. */
export function parameterOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (typeof value === 'string') return withPostgresYear(value);
  if (Object.is(value, -0)) return '-0';
  return `${value as number | bigint | boolean}`;
}

/** Years outside 0 to 9999 are signed in ISO 8601, and year 0 is 1 BC. */
function withPostgresYear(text: string): string {
  const [, sign, digits, rest] = /^([+-]?)(\d{4}|\d{6,7})(-\d\d-\d\d(?:T[\d:.]+Z?)?)$/.exec(text) ?? [];
  if (digits === undefined || rest === undefined) return text;
  const year = Number(digits);
  if (sign !== '-' && year > 0) return `${String(year).padStart(4, '0')}${rest}`;
  return `${String(year + 1).padStart(4, '0')}${rest} BC`;
}
