import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { Secret } from './secret.js';

/** When and how often a connector tries again what failed with a transient error. */
export interface RetryLimits {
  /** Attempts in all, the first one included, 1 to 20. @defaultValue 3 */
  readonly maxAttempts?: number;
  /** Longest wait after the first failed attempt; it doubles with each further one. 1 to 60_000. @defaultValue 100 */
  readonly initialDelayMs?: number;
  /** Longest wait after any attempt, `initialDelayMs` to 600_000. @defaultValue 5_000 */
  readonly maxDelayMs?: number;
}

/** Accepts `RetryLimits`, also none, and fills in what is left out. */
export function retryLimits() {
  return z
    .strictObject(
      {
        maxAttempts: wholeNumber(1, 20).default(3),
        initialDelayMs: wholeNumber(1, 60_000).default(100),
        maxDelayMs: wholeNumber(1, 600_000).default(5_000),
      },
      { error: 'must be an object { maxAttempts, initialDelayMs, maxDelayMs }' },
    )
    .prefault({})
    .check(({ value, issues }) => {
      if (value.initialDelayMs <= value.maxDelayMs) return;
      const message = `must not be less than initialDelayMs, which is ${String(value.initialDelayMs)}`;
      issues.push({ code: 'custom', path: ['maxDelayMs'], input: value.maxDelayMs, message });
    });
}

/** Accepts a name or an address, without scheme, port or path. An IPv6 address comes without brackets. */
export function hostName() {
  return z.string(atLeastOne).regex(/^[\w:][\w.:-]{0,252}$/, {
    error: 'must be a host name or address without scheme, port or path',
  });
}

export function wholeNumber(least: number, most: number) {
  const error = `must be a whole number from ${String(least)} to ${String(most)}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

/** Accepts a text that is not empty. */
export function text() {
  return z.string(atLeastOne).min(1, atLeastOne);
}

export function flag() {
  return z.boolean({ error: 'must be true or false' });
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

const atLeastOne = { error: 'must be a text of at least 1 character' };

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}
