import type { Environment } from '../variables.js';

/** A `$` that compose would refuse too, or a variable that the file says must be set. */
export class InterpolationError extends Error {
  override readonly name = 'InterpolationError';
}

interface Expanded {
  readonly value: string;
  /** Where reading goes on. */
  readonly next: number;
}

const name = /[A-Za-z_]\w*/y;
const operator = /:?[-?+]/y;

/**
 * Fills in variables as compose does: `$NAME`, `${NAME}`, a default (`:-`, `-`), a replacement (`:+`, `+`), a demand
 * (`:?`, `?`), and `$$` for a dollar sign. With the colon, an empty variable counts as one that is not set. What follows
 * an operator may hold variables itself.
 *
 * @throws InterpolationError
 */
export function interpolate(text: string, variables: Environment): string {
  return expand(text, 0, variables, undefined).value;
}

/** Reads up to the end, or up to the `}` that closes what `within` opened. */
function expand(text: string, start: number, variables: Environment, within: string | undefined): Expanded {
  let value = '';
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (character === '}' && within !== undefined) return { value, next: at + 1 };
    if (character !== '$') {
      value += character ?? '';
      at++;
    } else {
      const variable = expandVariable(text, at, variables);
      value += variable.value;
      at = variable.next;
    }
  }
  if (within !== undefined) throw new InterpolationError(`\${${within} is not closed`);
  return { value, next: at };
}

function expandVariable(text: string, dollar: number, variables: Environment): Expanded {
  const afterDollar = dollar + 1;
  if (text[afterDollar] === '$') return { value: '$', next: afterDollar + 1 };
  const braced = text[afterDollar] === '{';
  const found = matchAt(name, text, braced ? afterDollar + 1 : afterDollar);
  if (found === undefined) {
    throw new InterpolationError(
      `a "$" must be followed by a variable's name, or be written "$$": see character ${String(dollar + 1)}`,
    );
  }
  const given = variables[found.match];
  if (!braced) return { value: given ?? '', next: found.next };
  if (text[found.next] === '}') return { value: given ?? '', next: found.next + 1 };
  const operation = matchAt(operator, text, found.next);
  if (operation === undefined) {
    throw new InterpolationError(`\${${found.match} is not closed`);
  }
  const word = expand(text, operation.next, variables, found.match);
  const isSet = given !== undefined && !(operation.match.startsWith(':') && given === '');
  switch (operation.match.at(-1)) {
    case '-':
      return { value: isSet ? given : word.value, next: word.next };
    case '+':
      return { value: isSet ? word.value : '', next: word.next };
    default:
      if (isSet) return { value: given, next: word.next };
      throw new InterpolationError(`${found.match} must be set${word.value === '' ? '' : `: ${word.value}`}`);
  }
}

function matchAt(pattern: RegExp, text: string, at: number): { match: string; next: number } | undefined {
  pattern.lastIndex = at;
  const [match] = pattern.exec(text) ?? [];
  return match === undefined ? undefined : { match, next: at + match.length };
}
