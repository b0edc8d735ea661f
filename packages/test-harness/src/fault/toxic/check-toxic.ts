import { HarnessError } from '../../harness-error.js';
import { type Check, oneOf, optional, ratio, wholeNumber } from './checks.js';
import { type ToxicOptions, toxicKinds, type ToxicType } from './kinds.js';
import type { ToxicKind } from './toxic.js';

const number = wholeNumber(1);

const scopeChecks: Readonly<Record<string, Check>> = {
  connections: {
    holds: (value) =>
      Array.isArray(value)
        ? value.length > 0 && value.every((item) => number.holds(item))
        : isRecord(value) && isRange(value),
    range: 'a list of numbers from 1, or { from, to } with from <= to',
    isOptional: true,
  },
  toxicity: optional(ratio),
};
const direction = optional(oneOf(['upstream', 'downstream']));

/** @throws HarnessError `invalid-option` for what is no toxic, with an option that it does not have, or out of range. */
export function checkToxic(given: unknown): ToxicOptions {
  if (!isRecord(given)) throw invalid(`a toxic is ${shown(given)}; it must be an object with a type`);
  const { type, ...options } = given;
  if (!isToxicType(type)) {
    throw invalid(`there is no toxic ${shown(type)}; there is ${Object.keys(toxicKinds).join(', ')}`);
  }
  const kind: ToxicKind<never> = toxicKinds[type];
  const checks: Readonly<Record<string, Check>> = {
    ...kind.checks,
    ...(type !== 'down' && { direction }),
    ...scopeChecks,
  };
  checkOptions(`the toxic ${type}`, options, checks);
  // What has passed the checks of its kind is of that kind.
  const toxic = given as unknown as ToxicOptions;
  const conflict = kind.conflict?.(toxic as never);
  if (conflict !== undefined) throw invalid(`of the toxic ${type} ${conflict}`);
  return toxic;
}

/** @param what - Whose options they are, for the message. */
export function checkOptions(
  what: string,
  given: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, Check>>,
): void {
  for (const option of Object.keys(given)) {
    if (Object.hasOwn(checks, option)) continue;
    throw invalid(`${what} has no option ${option}; it has ${Object.keys(checks).join(', ')}`);
  }
  for (const [option, check] of Object.entries(checks)) {
    const value = given[option];
    if (value === undefined ? check.isOptional === true : check.holds(value)) continue;
    const is = value === undefined ? 'is missing' : `is ${shown(value)}`;
    throw invalid(`${option} of ${what} ${is}; it must be ${check.range}`);
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function invalid(message: string): HarnessError {
  return new HarnessError('invalid-option', message);
}

function isRange({ from, to = from, ...others }: Readonly<Record<string, unknown>>): boolean {
  const isKnown = Object.keys(others).length === 0;
  return isKnown && number.holds(from) && number.holds(to) && Number(from) <= Number(to);
}

function isToxicType(type: unknown): type is ToxicType {
  return typeof type === 'string' && Object.hasOwn(toxicKinds, type);
}

/** For a message. Not for what may hold a secret. */
export function shown(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  try {
    return JSON.stringify(value, (_key, item: unknown) => (isInJson(item) ? item : typeof item));
  } catch {
    return typeof value;
  }
}

function isInJson(value: unknown): boolean {
  return !['bigint', 'function', 'symbol', 'undefined'].includes(typeof value);
}
