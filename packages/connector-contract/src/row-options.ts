import { z } from 'zod';
import { parseOptions } from './option-error.js';

/** How the values of rows come. Whatever is chosen, no value is changed without a word. */
export interface RowOptions {
  /**
   * Int64 and Uint64. With `'number'` a value beyond ±(2^53 − 1) is `invalid-data`.
   * @defaultValue 'bigint'
   */
  readonly int64?: 'bigint' | 'text' | 'number';
  /**
   * `'text'` has all digits of the scale. `'number'` is the number that JavaScript prints with the same digits; a value that has
   * too many for that is `invalid-data`.
   * @defaultValue 'text'
   */
  readonly decimal?: 'text' | 'number';
  /**
   * Texts marked `arrow.json`. `'parsed'` is what `JSON.parse` makes of them; one with a number that JavaScript would print
   * with other digits is `invalid-data`.
   * @defaultValue 'text'
   */
  readonly json?: 'text' | 'parsed';
  /**
   * `'view'` is a Uint8Array over the memory of the batch, which it keeps in use. `'base64'` is text.
   * @defaultValue 'view'
   */
  readonly bytes?: 'view' | 'base64';
}

/** With every default filled in. */
export type ResolvedRowOptions = Required<RowOptions>;

const options = z.strictObject(
  {
    int64: oneOf('bigint', 'text', 'number').default('bigint'),
    decimal: oneOf('text', 'number').default('text'),
    json: oneOf('text', 'parsed').default('text'),
    bytes: oneOf('view', 'base64').default('view'),
  },
  { error: 'must be an object { int64, decimal, json, bytes }' },
);

/** @throws ConnectorError `invalid-option` */
export function resolveRowOptions(given: RowOptions): ResolvedRowOptions {
  return parseOptions(options, given);
}

function oneOf<const Name extends string>(...names: Name[]) {
  return z.enum(names, { error: `must be ${names.map((name) => `'${name}'`).join(' or ')}` });
}
