import type { Result } from './result.js';
import type { Summary } from './statistics.js';
import type { Unit } from './units.js';

export interface Row extends Summary {
  readonly what: string;
  /** How many times the median of the first of its group; 1 for that one. */
  readonly ratio: number;
}

export interface Group {
  readonly name: string;
  readonly unit: Unit;
  readonly rows: readonly Row[];
}

/** The contenders, all of a group in one unit, by the part of their name before the first `: `, in the order in which they were measured. */
export function groupsOf({ contenders }: Pick<Result, 'contenders'>): readonly Group[] {
  const groups = new Map<string, Row[]>();
  for (const [name, summary] of Object.entries(contenders)) {
    const [group = '', ...rest] = name.split(': ');
    const rows = groups.get(group) ?? [];
    const first = rows[0]?.median ?? summary.median;
    groups.set(group, [...rows, { ...summary, what: rest.join(': '), ratio: summary.median / first }]);
  }
  return [...groups].map(([name, rows]) => ({ name, unit: rows[0]?.unit ?? 'ms', rows }));
}
