import { type Checkpoint, ConnectorError, type Json } from '@sqlflow/connector-contract';
import { z } from 'zod';
import type { Lapse } from './commit-guarantee.js';
import { mostRunning, type TransactionSet } from './transaction-set.js';

/** What an incremental read reads. A checkpoint goes on with the same, and with nothing else. */
export interface IncrementalScope {
  readonly namespace: string;
  readonly name: string;
  readonly cursorField: string;
  /** Empty: rows of equal cursors may come again. */
  readonly key: readonly string[];
  readonly nullCursors: string;
  /** What says which rows are read, as text; empty for all. */
  readonly filter: string;
  /** Names the server: ids of transactions mean nothing on another one. Empty where the role may not ask. */
  readonly system: string;
  readonly database: string;
}

/** A row, by its cursor and key as text. */
export interface RowPosition {
  readonly cursor: string | null;
  readonly key: readonly (string | null)[];
}

/** So much before a time. */
export interface Ago {
  readonly at: string;
  readonly lessMs: number;
}

/** One way through the rows in the order of cursor and key. */
export interface Pass {
  /** It gives what these have written. */
  readonly through: TransactionSet;
  /** Exclusive: greater cursors are left to a later pass. Rows without a cursor are not. */
  readonly until: string | null;
  /** Nothing can be stamped below `until` any more. */
  readonly isFinal: boolean;
  /** Rows with lesser cursors are not looked at again. */
  readonly from: Ago | null;
  /** Rows with lesser cursors are not looked at by a later pass of this kind: they are given whoever wrote them. */
  readonly settled: Ago | null;
  /** The last row that was given. */
  readonly last: RowPosition | null;
}

/** Where what has been given differs. */
export interface Split {
  /** A cursor. */
  readonly at: string;
  /** Nothing can be stamped below it any more. */
  readonly isFinal: boolean;
  /** With this cursor and greater ones it has given what these had written; `null`: nothing. */
  readonly beyond: TransactionSet | null;
}

/**
 * Where a read by row versions stands: it has given what `through` had written, with any cursor or, if there is a `split`, with those
 * below it. Without `through` it has given nothing.
 */
export interface VersionPosition {
  readonly by: 'versions';
  readonly through: TransactionSet | null;
  readonly split: Split | null;
  /** What has been begun. */
  readonly pass: Pass | null;
  /** What the reads so far have lacked. */
  readonly lapse: Lapse | null;
}

/** Where a read by cursors alone stands. */
export interface CursorPosition {
  readonly by: 'cursor';
  readonly last: RowPosition | null;
  /** What the reads so far have lacked. */
  readonly lapse: Lapse | null;
}

export type Position = VersionPosition | CursorPosition;

/** Where a read stands when its pass is over. */
export function afterPass(position: VersionPosition): VersionPosition {
  const { pass, split, lapse } = position;
  if (pass === null) return position;
  const { through, until, isFinal } = pass;
  // It does not lie below the split before, so all beyond it stands as it stood beyond that.
  const beyond = split === null ? position.through : split.beyond;
  return {
    by: 'versions',
    through,
    split: until === null ? null : { at: until, isFinal, beyond },
    pass: null,
    lapse,
  };
}

const format = 'postgres/incremental';
const version = 1;

const digits = z.string().regex(/^\d{1,20}$/);
const transactionSet = z
  .strictObject({
    below: digits,
    running: z.array(z.tuple([z.int().min(0), z.int().min(1)])).max(mostRunning),
    low: digits,
    at: z.string(),
  })
  .transform(({ below, running, low, at }): TransactionSet => {
    return {
      below: BigInt(below),
      running: running.map(([offset, count]) => [BigInt(low) + BigInt(offset), count]),
      at,
    };
  });
const rowPosition = z.strictObject({ cursor: z.string().nullable(), key: z.array(z.string().nullable()) });
const ago = z.strictObject({ at: z.string(), lessMs: z.number() }).nullable();
const pass = z.strictObject({
  through: transactionSet,
  until: z.string().nullable(),
  isFinal: z.boolean(),
  from: ago,
  settled: ago,
  last: rowPosition.nullable(),
});
const lapse = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('lag'), lagMs: z.number() }),
    z.strictObject({ kind: z.literal('none'), because: z.string() }),
  ])
  .nullable();
const stored = z.strictObject({
  scope: z.record(z.string(), z.unknown()),
  position: z.discriminatedUnion('by', [
    z.strictObject({
      by: z.literal('versions'),
      through: transactionSet.nullable(),
      split: z
        .strictObject({ at: z.string(), isFinal: z.boolean(), beyond: transactionSet.nullable() })
        .nullable(),
      pass: pass.nullable(),
      lapse,
    }),
    z.strictObject({ by: z.literal('cursor'), last: rowPosition.nullable(), lapse }),
  ]),
});

export function toCheckpoint(scope: IncrementalScope, position: Position): Checkpoint {
  return { format, version, position: { scope: { ...scope }, position: positionJson(position) } };
}

function positionJson(position: Position): Json {
  const lacked = position.lapse && { ...position.lapse };
  if (position.by === 'cursor') return { by: 'cursor', last: rowJson(position.last), lapse: lacked };
  const { through, split, pass: begun } = position;
  return {
    by: 'versions',
    through: through && setJson(through),
    split: split && { ...split, beyond: split.beyond && setJson(split.beyond) },
    pass: begun && {
      through: setJson(begun.through),
      until: begun.until,
      isFinal: begun.isFinal,
      from: begun.from && { ...begun.from },
      settled: begun.settled && { ...begun.settled },
      last: rowJson(begun.last),
    },
    lapse: lacked,
  };
}

function rowJson(row: RowPosition | null): Json {
  return row && { cursor: row.cursor, key: [...row.key] };
}

function setJson({ below, running, at }: TransactionSet): Json {
  const low = running[0]?.[0] ?? below;
  return {
    below: String(below),
    low: String(low),
    running: running.map(([first, count]) => [Number(first - low), count]),
    at,
  };
}

/**
 * The position of a checkpoint of the same scope.
 *
 * @throws ConnectorError `invalid-option` if it is of another format, or says that something else was read.
 */
export function fromCheckpoint(checkpoint: Checkpoint, scope: IncrementalScope): Position {
  const { format: name, version: number } = checkpoint;
  if (name !== format || number !== version) {
    throw refused(
      `it is of format ${JSON.stringify(name)}, version ${String(number)}; it must be of ${format}, version ${String(version)}`,
    );
  }
  const result = stored.safeParse(checkpoint.position);
  if (!result.success) throw refused('its position is not one that was written here');
  for (const [part, value] of Object.entries(scope)) {
    const was = result.data.scope[part];
    if (JSON.stringify(was) === JSON.stringify(value)) continue;
    throw refused(
      part === 'filter'
        ? 'it is of a read with another filter'
        : `it is of ${part} ${JSON.stringify(was)}, and this read is of ${JSON.stringify(value)}`,
    );
  }
  return result.data.position;
}

function refused(why: string): ConnectorError {
  const message = `option "checkpoint" cannot be gone on with: ${why}. Without one the read begins anew`;
  return new ConnectorError('invalid-option', message, { kind: 'terminal', effect: 'none' });
}
