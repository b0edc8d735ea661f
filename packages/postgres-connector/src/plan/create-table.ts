import type { Query } from './catalog.js';
import { quoteIdentifier, quoteQualified } from './identifier.js';

export interface CreatedColumn {
  readonly name: string;
  readonly sqlType: string;
  readonly nullable: boolean;
}

/**
 * Asks which of some texts are types here, one row each in their order: `known`. A text that the server takes for a type,
 * and nothing else, can stand in a statement.
 */
export function findTypes(texts: readonly string[]): Query {
  const places = texts.map((_, index) => `(${String(index)}, $${String(index + 1)}::pg_catalog.text)`);
  return {
    sql: `SELECT pg_catalog.to_regtype(wanted.type) IS NOT NULL AS known
      FROM (VALUES ${places.join(', ')}) AS wanted (place, type) ORDER BY wanted.place`,
    parameters: texts,
  };
}

const harmless = /^[\p{L}\p{N}_ ".,()[\]]+$/u;

/** Says whether a text could be a type. Of any other the server is not asked, which would fail at what is no type at all. */
export function looksLikeType(text: string): boolean {
  return harmless.test(text) && (text.match(/"/g)?.length ?? 0) % 2 === 0;
}

export function createTable(
  namespace: string,
  name: string,
  columns: readonly CreatedColumn[],
  key: readonly string[],
): string {
  const lines = columns.map(({ name: column, sqlType, nullable }) => {
    return `  ${quoteIdentifier(column)} ${sqlType}${nullable && !key.includes(column) ? '' : ' NOT NULL'}`;
  });
  if (key.length > 0) lines.push(`  PRIMARY KEY (${key.map(quoteIdentifier).join(', ')})`);
  return `CREATE TABLE IF NOT EXISTS ${quoteQualified(namespace, name)} (\n${lines.join(',\n')}\n)`;
}

/** They can be NULL, since the rows that are there have nothing for them. */
export function addColumns(namespace: string, name: string, columns: readonly CreatedColumn[]): string {
  const lines = columns.map(
    ({ name: column, sqlType }) => `ADD COLUMN IF NOT EXISTS ${quoteIdentifier(column)} ${sqlType}`,
  );
  return `ALTER TABLE ${quoteQualified(namespace, name)} ${lines.join(', ')}`;
}
