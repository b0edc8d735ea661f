import {
  ConnectorError,
  parseOptions,
  type StreamName,
  type WriteOptions,
} from '@sqlflow/connector-contract';
import { z } from 'zod';
import { expandConnection } from './connection/expand-connection.js';
import { commonOptions, identifier, type PostgresCommonOptions, resolve, tlsOverSocket } from './options.js';
import type { RejectedRow } from './rejected-row.js';

export interface PostgresDestinationOptions extends PostgresCommonOptions {
  /** Where a stream without a namespace is, and the tables of the destination's own. @defaultValue 'public' */
  readonly schema?: string;
  /** The table that keeps checkpoints. It is created when it is first needed and not there. @defaultValue 'sqlflow_checkpoint' */
  readonly checkpointTable?: string;
}

/** What is done with a row that the server or the column's type refuses. */
export interface DeadLetters {
  /**
   * Is told of each row, and awaited. Rows are told of before the write is committed: if it fails afterwards, nothing of it
   * was written, and a write that is made again tells of them again.
   */
  readonly onReject?: (rejected: RejectedRow) => void | Promise<void>;
  /** Takes each row, in the transaction of the write. It is created when it is first needed and not there. */
  readonly table?: string;
}

export interface PostgresRowWriteOptions extends WriteOptions {
  /**
   * Of several rows with one key in an `upsert` or `delete`: the last one counts, in the order of the batches, or the write
   * fails. @defaultValue 'last'
   */
  readonly duplicateKeys?: 'last' | 'error';
  /** Has rows that are refused put aside instead of failing the write. @defaultValue none: the first one fails it */
  readonly deadLetters?: DeadLetters;
}

export interface PostgresWriteOptions extends PostgresRowWriteOptions {
  /** Creates a table that is not there, with `key` as its primary key. @defaultValue false */
  readonly createTable?: boolean;
  /** Adds the columns of the batches that the table does not have, without a default. @defaultValue false */
  readonly addColumns?: boolean;
}

const destinationOptions = z
  .strictObject({
    ...commonOptions,
    schema: identifier.default('public'),
    checkpointTable: identifier.default('sqlflow_checkpoint'),
  })
  .refine(tlsOverSocket.isRight, tlsOverSocket.otherwise);

const flag = z.boolean({ error: 'must be true or false' }).default(false);
const name = z.string({ error: 'must be a text' }).refine((text) => text !== '' && !text.includes('\0'), {
  error: 'must be a text of at least one character without NUL',
});

const deadLetters = z
  .strictObject(
    {
      onReject: z
        .custom<NonNullable<DeadLetters['onReject']>>((value) => typeof value === 'function', {
          error: 'must be a function',
        })
        .optional(),
      table: name.optional(),
    },
    { error: 'must be an object { onReject, table }' },
  )
  .refine(({ onReject, table }) => onReject !== undefined || table !== undefined, {
    error: 'must have onReject, table or both',
  });

const rowWriteOptions = z.strictObject({
  mode: z.enum(['append', 'replace', 'upsert', 'delete'], {
    error: "must be 'append', 'replace', 'upsert' or 'delete'",
  }),
  key: z.array(name, { error: 'must be a list of column names' }).default([]),
  checkpoint: z
    .custom<NonNullable<WriteOptions['checkpoint']>>((value) => typeof value === 'object' && value !== null, {
      error: 'must be a checkpoint',
    })
    .optional(),
  signal: z.instanceof(AbortSignal, { error: 'must be an AbortSignal' }).optional(),
  duplicateKeys: z.enum(['last', 'error'], { error: "must be 'last' or 'error'" }).default('last'),
  deadLetters: deadLetters.optional(),
});

const writeOptions = rowWriteOptions.extend({ createTable: flag, addColumns: flag });

// Not strict: what `discover` tells of a stream names it too. A query of a source, which has the empty namespace, is no table.
const streamName = z.object({ namespace: identifier.optional(), name: identifier });

export type ResolvedDestinationOptions = z.output<typeof destinationOptions>;
export type ResolvedWriteOptions = z.output<typeof writeOptions>;

/** @throws ConnectorError `invalid-option` naming the first option that is wrong, and its range. */
export function resolveDestinationOptions(given: PostgresDestinationOptions): ResolvedDestinationOptions {
  return resolve(destinationOptions, expandConnection(given), 'option');
}

/** @throws ConnectorError `invalid-option` */
export function resolveWriteOptions(given: PostgresWriteOptions): ResolvedWriteOptions {
  return checkedKey(parseOptions(writeOptions, given));
}

/** @throws ConnectorError `invalid-option` */
export function resolveRowWriteOptions(given: PostgresRowWriteOptions): ResolvedWriteOptions {
  const resolved = parseOptions(rowWriteOptions, given);
  return checkedKey({ ...resolved, createTable: false, addColumns: false });
}

/** @throws ConnectorError `invalid-option` */
export function resolveWrittenStream(given: StreamName): z.output<typeof streamName> {
  return resolve(streamName, given, 'stream');
}

function checkedKey(options: ResolvedWriteOptions): ResolvedWriteOptions {
  const { mode, key, duplicateKeys, deadLetters: tolerant } = options;
  const needsKey = mode === 'upsert' || mode === 'delete';
  if (needsKey && key.length === 0) throw invalid(`key must name at least one column for mode '${mode}'`);
  const repeated = key.find((column, index) => key.indexOf(column) !== index);
  if (repeated !== undefined) throw invalid(`key names ${JSON.stringify(repeated)} twice`);
  if (duplicateKeys === 'error' && tolerant !== undefined) {
    throw invalid(
      `duplicateKeys 'error' fails a write, which deadLetters are there to avoid; use one of them`,
    );
  }
  return options;
}

function invalid(message: string): ConnectorError {
  return new ConnectorError('invalid-option', message, { kind: 'terminal', effect: 'none' });
}
