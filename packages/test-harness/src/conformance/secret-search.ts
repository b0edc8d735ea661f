import { inspect } from 'node:util';
import { NonConformance } from './requirement.js';

/** Encodings that a secret may hide behind. */
function disguises(secret: string): string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')];
}

/** @throws NonConformance that says where a secret was found, and does not repeat it. */
export function requireNoSecret(secrets: readonly string[], text: string, where: string): void {
  const found = secrets.flatMap(disguises).find((secret) => text.includes(secret));
  if (found === undefined) return;
  const at = text.indexOf(found);
  const around = `${text.slice(Math.max(0, at - 60), at)}***${text.slice(at + found.length, at + found.length + 20)}`;
  throw new NonConformance(`a secret is shown ${where}: …${around.replaceAll('\n', ' ')}…`);
}

/**
 * A value's own fields may hold a secret, as long as no way of printing shows it.
 *
 * @returns in how many texts it was looked for
 * @throws NonConformance as above.
 */
export function requireNoSecretShown(secrets: readonly string[], values: readonly unknown[]): number {
  for (const value of values) {
    requireNoSecret(secrets, inspect(value, { depth: 8 }), 'by inspect');
    requireNoSecret(secrets, jsonOf(value), 'in JSON');
    requireNoSecret(secrets, String(value), 'as a text');
  }
  return 3 * values.length;
}

function jsonOf(value: unknown): string {
  try {
    const text: unknown = JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'bigint' ? String(part) : part,
    );
    return typeof text === 'string' ? text : '';
  } catch {
    return ''; // a circle cannot be shown in JSON
  }
}
