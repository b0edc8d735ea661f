import type { Checkpoint, IncrementalBatch, IncrementalOptions } from '@sqlflow/connector-contract';
import { z } from 'zod';
import { identifier, resolve } from '../options.js';
import { readOptionsShape } from '../read-options.js';
import type { CommitGuarantee } from '../plan/incremental/commit-guarantee.js';
import type { CommitSafety } from '../plan/incremental/commit-safety.js';

export interface PostgresIncrementalOptions extends IncrementalOptions {
  /** Exclusive: rows with this cursor or a greater one are left to a later read. As `rows()` gives it. @defaultValue none */
  readonly until?: string | number | bigint;
  /**
   * For a stream that has no key and of which none is named: reads by the cursor alone. A read that goes on from a checkpoint
   * gives again all rows of the last cursor. @defaultValue false
   */
  readonly atLeastOnce?: boolean;
  /** How rows are found that are committed late. @defaultValue 'auto' */
  readonly commitSafety?: CommitSafety;
  /**
   * Milliseconds by which a row may be committed after its cursor, more than 0; for cursors that an application's clock stamps. Then
   * each read of a table looks again at so much before the last one, and gives what it finds there and has not given yet; of a
   * view it leaves the last `lagMs` to a later read. What is committed later still is lost. The cursor must be a time or a
   * date; one without a time zone is taken for UTC. @defaultValue none
   */
  readonly lagMs?: number;
  /**
   * Most milliseconds for which an open transaction holds a read back, more than 0. Past that a table is read by row versions,
   * and a view without a guarantee. @defaultValue for as long as it is open
   */
  readonly maxHoldBackMs?: number;
}

/** What an incremental read can say of itself. */
export interface IncrementalReport {
  readonly guarantee: CommitGuarantee;
  /**
   * An index begins with the cursor. Without one, the server looks at all rows and sorts them, whatever is new: 2,000,000
   * rows take a quarter of a second. `undefined` for views, queries and foreign tables.
   */
  readonly isCursorIndexed: boolean | undefined;
}

/** The batches of one incremental read, which begins when they are asked for, and what can be said of it. It is made once. */
export interface IncrementalRead extends AsyncIterable<IncrementalBatch> {
  /** What is guaranteed of the rows that were given; `undefined` until the server has been asked. It stays after the end. */
  readonly report: IncrementalReport | undefined;
}

const milliseconds = 'a number of milliseconds, more than 0';
const positiveMs = z.number(milliseconds).gt(0, milliseconds);

/** What is within is for its format to understand. */
const checkpoint = z.custom<Checkpoint>(
  (value) => value !== null && typeof value === 'object' && 'position' in value,
  'a checkpoint { format, version, position }',
);

const incrementalOptions = z.strictObject({
  ...readOptionsShape,
  cursorField: identifier,
  key: z.array(identifier).min(1, 'a list of at least one column name').optional(),
  checkpoint: checkpoint.optional(),
  nullCursors: z
    .enum(['include-first', 'always', 'exclude', 'error'], "'include-first', 'always', 'exclude' or 'error'")
    .default('include-first'),
  until: z
    .union([z.string(), z.number(), z.bigint()], 'a text, number or bigint')
    .transform(String)
    .optional(),
  atLeastOnce: z.boolean('true or false').default(false),
  commitSafety: z.enum(['auto', 'row-version', 'none'], "'auto', 'row-version' or 'none'").default('auto'),
  lagMs: positiveMs.optional(),
  maxHoldBackMs: positiveMs.optional(),
});

export type ResolvedIncrementalOptions = z.output<typeof incrementalOptions>;

/** @throws ConnectorError `invalid-option` */
export function resolveIncrementalOptions(given: PostgresIncrementalOptions): ResolvedIncrementalOptions {
  return resolve(incrementalOptions, given, 'incremental option');
}
