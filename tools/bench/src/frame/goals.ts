import type { Goal } from './result.js';

/**
 * Holds a figure against a goal.
 *
 * @param measured - `value`: the figure itself. `ratio`: how many times another's.
 * @param limit - Inclusive.
 */
export function goal(
  what: string,
  measured: { readonly value: number } | { readonly ratio: number },
  limit: { readonly atMost: number } | { readonly atLeast: number },
): Goal {
  const figure = 'value' in measured ? measured.value : measured.ratio;
  const met = 'atMost' in limit ? figure <= limit.atMost : figure >= limit.atLeast;
  return { what, ...measured, ...limit, met };
}

/** One line for people. A missed goal says so in capitals. */
export function goalLine({ what, value, ratio, atMost, atLeast, met }: Goal): string {
  const unit = ratio === undefined ? 'ms' : 'times';
  const limit = atMost === undefined ? `at least ${String(atLeast)}` : `at most ${String(atMost)}`;
  return `${met ? 'met   ' : 'MISSED'}  ${what}: ${(value ?? ratio ?? 0).toFixed(1)} ${unit}, goal ${limit} ${unit}`;
}
