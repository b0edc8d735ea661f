import type { z } from 'zod';
import { ConnectorError } from './connector-error.js';

/**
 * Checks what a caller gave against `schema` and fills in the defaults.
 *
 * @throws ConnectorError `invalid-option`, naming every option that is wrong, its value and its range. The value of a
 * secret, and of an option that nobody knows, is left out: it may be a secret under a misspelt name.
 */
export function parseOptions<T>(schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given, { reportInput: true });
  if (result.success) return result.data;
  const message = result.error.issues.map(describeIssue).join('; ');
  throw new ConnectorError('invalid-option', message, { kind: 'terminal', effect: 'none' });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const within = path === '' ? '' : ` in ${path}`;
    return `there is no option ${issue.keys.map((key) => `"${key}"`).join(', ')}${within}`;
  }
  const isSecret = issue.code === 'custom' && issue.params?.['isSecret'] === true;
  if (issue.input === undefined) return `${path || 'options'} is missing; it ${issue.message}`;
  return `${path || 'options'} is ${isSecret ? '***' : show(issue.input)}; it ${issue.message}`;
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
