import { longestMs } from '../../clock.js';

export interface Check {
  holds(value: unknown): boolean;
  /** What it must be: completes "it must be …". */
  readonly range: string;
  readonly isOptional?: boolean;
}

/** A check for each option. */
export type OptionChecks<Options> = Readonly<Record<keyof Options, Check>>;

export function optional(check: Check): Check {
  return { ...check, isOptional: true };
}

export function wholeNumber(from: number, to = Number.MAX_SAFE_INTEGER): Check {
  return {
    holds: (value) => Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to,
    range:
      to === Number.MAX_SAFE_INTEGER ? `a whole number from ${from}` : `a whole number from ${from} to ${to}`,
  };
}

export const milliseconds: Check = {
  holds: (value) => typeof value === 'number' && value >= 0 && value <= longestMs,
  range: `milliseconds from 0 to ${longestMs}`,
};

export const ratio: Check = {
  holds: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  range: 'a number from 0 to 1',
};

export function oneOf(values: readonly string[]): Check {
  return {
    holds: (value) => values.some((allowed) => allowed === value),
    range: `one of ${values.join(', ')}`,
  };
}
