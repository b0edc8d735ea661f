import type { Environment } from '../variables.js';
import { interpolate, InterpolationError } from './interpolate.js';

/** A name, and its value in single quotes, in double quotes or bare; what follows ` #` is a comment. */
const assignment =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(?:'([^']*)'|"((?:\\[^]|[^"\\])*)"|(.*?))[ \t]*(?:(?<=[ \t])#.*)?$/gm;

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', $: '$$' };

/**
 * Reads a `.env` file as compose does: single quotes keep all that is in them, elsewhere variables are filled in, from
 * `environment` before those that the file has set above.
 */
export function readEnvFile(text: string, environment: Environment): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = '', literal, quoted, bare = ''] of text
    .replaceAll('\r\n', '\n')
    .matchAll(assignment)) {
    const expanding =
      quoted?.replaceAll(/\\([^])/g, (_, letter: string) => escapes[letter] ?? letter) ?? bare;
    found[name] = literal ?? fillIn(expanding, { ...found, ...environment });
  }
  return found;
}

function fillIn(value: string, variables: Environment): string {
  try {
    return interpolate(value, variables);
  } catch (error) {
    if (error instanceof InterpolationError) return value; // a dollar sign that is meant, in a password
    throw error;
  }
}
