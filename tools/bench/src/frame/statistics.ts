import type { Unit } from './units.js';

/** One run of a contender. */
export interface Sample {
  readonly value: number;
  readonly unit: Unit;
  /** The most memory that the contender's process held, in MiB. Only where it ran in a process of its own. */
  readonly peakRssMb?: number;
  readonly rows?: number;
}

export const ms = (value: number): Sample => ({ value, unit: 'ms' });

/** What a contender's runs come to. */
export interface Summary {
  readonly unit: Unit;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** The largest of all runs. */
  readonly peakRssMb?: number;
  readonly rows?: number;
}

/**
 * @param samples - At least one, all in the same unit; all with the same number of rows, or none with any.
 * @throws RangeError if there is none, or if the runs read different numbers of rows: they did not do the same work.
 */
export function summarize(samples: readonly Sample[]): Summary {
  const values = samples.map(({ value }) => value);
  const memory = samples.flatMap(({ peakRssMb }) => peakRssMb ?? []);
  const rows = new Set(samples.map((sample) => sample.rows));
  const [rowsOfAll] = rows;
  if (rows.size > 1) throw new RangeError(`the runs read different numbers of rows: ${[...rows].join(', ')}`);
  const [first] = samples;
  if (first === undefined) throw new RangeError('there is no summary of no samples');
  return {
    unit: first.unit,
    median: rounded(median(values)),
    min: rounded(Math.min(...values)),
    max: rounded(Math.max(...values)),
    ...(memory.length > 0 && { peakRssMb: rounded(Math.max(...memory)) }),
    ...(rowsOfAll !== undefined && { rows: rowsOfAll }),
  };
}

/** The middle value; of an even number of values the mean of the two in the middle. @throws RangeError for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('there is no median of no values');
  return (lower + upper) / 2;
}

/** Hundredths: finer than any run repeats. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
