import type { Goal } from './result.js';
import { printed, type Unit } from './units.js';

/**
 * Holds a figure against a goal.
 *
 * @param measured - Where its unit is `times`, how many times another figure it is.
 * @param limit - Inclusive, in the same unit.
 */
export function goal(
  what: string,
  { value, unit }: { readonly value: number; readonly unit: Unit },
  limit: { readonly atMost: number } | { readonly atLeast: number },
): Goal {
  const met = 'atMost' in limit ? value <= limit.atMost : value >= limit.atLeast;
  return { what, value, unit, ...limit, met };
}

/** One line for people. A missed goal says so in capitals. */
export function goalLine({ what, value, unit, atMost, atLeast, met }: Goal): string {
  const limit = atMost === undefined ? `at least ${String(atLeast)}` : `at most ${String(atMost)}`;
  return `${met ? 'met   ' : 'MISSED'}  ${what}: ${printed(value, unit)} ${unit}, goal ${limit} ${unit}`;
}

/** The same as an item of a list in Markdown. */
export function goalItem(goal: Goal): string {
  return `- ${goalLine(goal).replaceAll(/ {2,}/g, ' ')}`;
}
