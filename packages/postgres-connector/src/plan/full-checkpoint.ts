import { type Checkpoint, ConnectorError, type Json } from '@sqlflow/connector-contract';
import { type Relation, titleOf } from './relation.js';
import type { ColumnDescription } from './table-description.js';

const format = 'postgres/full';
const version = 1;

/** @param after - The text of the key of the last row that was handed over. */
export function fullCheckpoint(
  relation: Relation,
  key: readonly ColumnDescription[],
  after: readonly string[],
): Checkpoint {
  return { format, version, position: { ...identityOf(relation, key), after } };
}

/**
 * Reads where a full read stands.
 *
 * @throws ConnectorError `invalid-option` for a checkpoint of another stream, key, format or version.
 */
export function afterCheckpoint(
  checkpoint: Checkpoint,
  relation: Relation,
  key: readonly ColumnDescription[],
): readonly string[] {
  const refuse = (why: string): ConnectorError => {
    const message = `option "checkpoint" ${why}; give the one that came with the last batch of this stream, or none to begin again`;
    return new ConnectorError('invalid-option', message, { kind: 'terminal', effect: 'none' });
  };
  if (checkpoint.format !== format)
    throw refuse(`has the format ${JSON.stringify(checkpoint.format)}, not "${format}"`);
  if (checkpoint.version !== version) {
    throw refuse(
      `has the version ${String(checkpoint.version)} of ${format}, and ${String(version)} is known here`,
    );
  }
  const position = asObject(checkpoint.position);
  const identity = identityOf(relation, key);
  if (!isSame(position['stream'], identity.stream)) throw refuse(`is not one of ${titleOf(relation)}`);
  if (!isSame(position['key'], identity.key)) {
    throw refuse(
      `has another key than ${key.map(({ name, sqlType }) => `${JSON.stringify(name)} ${sqlType}`).join(', ')}`,
    );
  }
  const after = position['after'];
  if (!isTexts(after) || after.length !== key.length)
    throw refuse('is damaged: it has no value for each column of the key');
  return after;
}

/** A longer `varchar` has the same order; another type may have another. */
function identityOf({ namespace, name }: Relation, key: readonly ColumnDescription[]) {
  return {
    stream: [namespace, name],
    key: key.map((column) => [column.name, column.sqlType.replace(/\([\d,-]*\)/, '')]),
  };
}

function asObject(json: Json): Readonly<Record<string, Json>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as Readonly<Record<string, Json>>)
    : {};
}

function isTexts(json: Json | undefined): json is readonly string[] {
  return Array.isArray(json) && json.every((each) => typeof each === 'string');
}

function isSame(one: Json | undefined, other: Json): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
