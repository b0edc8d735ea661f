import type {
  Checkpoint,
  Filter,
  Json,
  Partition,
  PartitionOptions,
  PartitionSet,
  ReadOptions,
  ResumableOptions,
  StreamName,
} from '@sqlflow/connector-contract';
import { z } from 'zod';
import { defaultBatchRows } from './decode/row-decoder.js';
import { identifier, resolve, wholeNumber } from './options.js';
import { filterOperators } from './plan/filter.js';
import type { Slice } from './plan/partition-plan.js';

export interface PostgresResumableOptions extends ResumableOptions {
  /** The snapshot to read, of a `PostgresPartitionSet`. @defaultValue what is committed when the read begins */
  readonly snapshot?: string;
}

/**
 * Slices of a relation, while a connection holds their snapshot. As long as it does, the tables cannot be altered, truncated or
 * dropped, which would wait, and what is deleted from any table of the server cannot be cleaned up. Disposing of it gives
 * the snapshot up: slices that are being read are read to their end, and no further one can be.
 */
export interface PostgresPartitionSet extends PartitionSet {
  /** To be read with `readResumable`, too. */
  readonly snapshot: string;
}

const columnNames = z.array(identifier, 'a list of column names');
const signal = z.instanceof(AbortSignal, { error: 'an AbortSignal' }).optional();
const condition = z.strictObject({
  column: identifier,
  op: z.enum(filterOperators, `one of ${filterOperators.join(', ')}`),
  value: z.unknown().optional(), // what it must be depends on the column
});

const readOptions = z.strictObject({
  columns: columnNames.optional(),
  filter: z
    .array(condition, 'a list of conditions')
    .transform((conditions) => conditions as Filter)
    .default([]),
  batchRows: wholeNumber(1, 1_048_576).default(defaultBatchRows),
  signal,
});

/** For the options of other reads. */
export const readOptionsShape = readOptions.shape;

// Only what was checked may become part of a query: SET TRANSACTION SNAPSHOT takes no parameter.
const snapshot = z
  .string('a snapshot')
  .regex(/^[\dA-F]{8}-[\dA-F]{8}-\d+\/\d+:\d+:[\d,]*$/, 'a snapshot that partitions() has exported');

const savedCheckpoint = z.object({ format: z.string(), version: z.number(), position: z.json() });
const resumableOptions = readOptions.extend({
  key: columnNames.min(1, 'a list of at least one column name').optional(),
  checkpoint: z
    .custom<Checkpoint>(
      (given) => savedCheckpoint.safeParse(given).success,
      'a checkpoint that came with a batch',
    )
    .optional(),
  snapshot: snapshot.optional(),
});

const partitionOptions = z.strictObject({
  count: wholeNumber(1, 10_000),
  key: identifier.optional(),
  signal,
});

// The empty one is that of queries.
const namespace = z.string('a text').refine((text) => !text.includes('\0'), 'a text without NUL');

// Not strict: what `discover` tells of a stream names it too.
const streamName = z.object({ namespace: namespace.optional(), name: identifier });

const block = z.int('a number of a block').min(0).max(0xffff_ffff);
const slice = z.union(
  [
    z.strictObject({
      blocks: z
        .array(
          z.strictObject({
            namespace: identifier,
            name: identifier,
            from: block.optional(),
            to: block.optional(),
          }),
        )
        .min(1),
    }),
    z.strictObject({
      key: z.strictObject({ column: identifier, from: z.string().optional(), to: z.string().optional() }),
    }),
    z.strictObject({ whole: z.literal(true) }),
  ],
  'a slice of this format',
);

const partitionFormat = 'postgres/partition';
const partitionVersion = 1;
const partition = z.strictObject({
  format: z.literal(partitionFormat, `"${partitionFormat}"`),
  version: z.literal(partitionVersion, `${String(partitionVersion)}, the one that is known here`),
  stream: streamName.required(),
  slice: z.strictObject({ snapshot, of: slice }, 'an object'),
});

export type ResolvedReadOptions = z.output<typeof readOptions>;
export type ResolvedResumableOptions = z.output<typeof resumableOptions>;
export type ResolvedPartitionOptions = z.output<typeof partitionOptions>;

/** What a partition says, checked. */
export interface ResolvedPartition {
  readonly stream: Required<StreamName>;
  readonly snapshot: string;
  readonly slice: Slice;
}

/** @throws ConnectorError `invalid-option` naming the first option that is wrong, and its range. */
export function resolveReadOptions(given: ReadOptions): ResolvedReadOptions {
  return resolve(readOptions, given, 'read option');
}

/** @throws ConnectorError `invalid-option` */
export function resolveResumableOptions(given: PostgresResumableOptions): ResolvedResumableOptions {
  return resolve(resumableOptions, given, 'read option');
}

/** @throws ConnectorError `invalid-option` */
export function resolvePartitionOptions(count: number, given: PartitionOptions): ResolvedPartitionOptions {
  return resolve(partitionOptions, { ...given, count }, 'partition option');
}

/** @throws ConnectorError `invalid-option` */
export function resolveStreamName(given: StreamName): z.output<typeof streamName> {
  return resolve(streamName, given, 'stream');
}

export function toPartition(stream: Required<StreamName>, snapshot: string, of: Slice): Partition {
  // A slice is JSON: its type is one of interfaces, which TypeScript does not take for it.
  const json = { snapshot, of } as unknown as Json;
  return { format: partitionFormat, version: partitionVersion, stream, slice: json };
}

/** @throws ConnectorError `invalid-option` for one of another format or version, or that is damaged. */
export function resolvePartition(given: Partition): ResolvedPartition {
  const { stream, slice } = resolve(partition, given, 'partition');
  return { stream, snapshot: slice.snapshot, slice: slice.of as Slice };
}
