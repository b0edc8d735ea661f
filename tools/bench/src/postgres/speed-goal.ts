import { goal } from '../frame/goals.js';
import type { Goal } from '../frame/result.js';
import type { Summary } from '../frame/statistics.js';

type Measured = Summary | undefined;

/**
 * How many times as fast one is as the fastest of others, by their medians.
 *
 * @returns none if there is nothing to compare.
 */
export function speedGoal(what: string, one: Measured, others: readonly Measured[], atLeast: number): Goal[] {
  const times = others.flatMap((other) => other?.median ?? []);
  if (one === undefined || times.length === 0) return [];
  return [goal(what, { value: Math.min(...times) / one.median, unit: 'times' }, { atLeast })];
}
