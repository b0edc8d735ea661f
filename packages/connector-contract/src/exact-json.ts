import { exactNumber } from './exact-number.js';

/** Only where one of these is can a number be that loses digits. It may also be within a string. */
const manyDigits = /[\d.]{16}|\d[eE]/;
const stringOrNumber = /"(?:[^"\\]+|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * What `JSON.parse` makes of a text, `undefined` if it would change a number of it.
 *
 * @throws SyntaxError
 */
export function parseExactly(text: string): { readonly value: unknown } | undefined {
  const value: unknown = JSON.parse(text);
  return manyDigits.test(text) && !hasExactNumbers(text) ? undefined : { value };
}

function hasExactNumbers(text: string): boolean {
  for (const [token] of text.matchAll(stringOrNumber)) {
    if (!token.startsWith('"') && exactNumber(token) === undefined) return false;
  }
  return true;
}
