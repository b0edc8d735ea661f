import { X509Certificate } from 'node:crypto';
import { ConnectorError, Secret } from '@sqlflow/connector-contract';
import { z } from 'zod';

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

/** Accepts the text of a secret, or a `Secret`, and gives a `Secret`. */
export function secret(): z.ZodType<Secret> {
  const range = 'must be a text of at least 1 character or a Secret';
  return z
    .custom<string | Secret>(
      (value) => value instanceof Secret || (typeof value === 'string' && value !== ''),
      {
        error: range,
        params: { isSecret: true },
      },
    )
    .transform((value) => Secret.of(value));
}

/** Accepts certificates in PEM. What is none is not shown: it may be a key. */
export function certificates(): z.ZodType<string> {
  return z.custom<string>((value) => typeof value === 'string' && isCertificate(value), {
    error: 'must be a text of certificates in PEM',
    params: { isSecret: true },
  });
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
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
