import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

let conditions = ['@sqlflow/source'];

/** With `built`, workspace packages resolve to what was built of them. */
export function initialize({ built = false } = {}) {
  if (built) conditions = [];
}

/** Workspace packages resolve to their sources (the `@sqlflow/source` condition), and `./x.js` to `./x.ts`. */
export async function resolve(specifier, context, next) {
  const withSource = { ...context, conditions: [...(context.conditions ?? []), ...conditions] };
  if (
    specifier.startsWith('.') &&
    specifier.endsWith('.js') &&
    /\.ts(\?|#|$)/.test(context.parentURL ?? '')
  ) {
    const source = new URL(`${specifier.slice(0, -3)}.ts`, context.parentURL);
    if (existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, withSource);
}

export async function load(url, context, next) {
  if (!/^file:[^?#]*\.ts(\?|#|$)/.test(url)) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    sourceMaps: 'inline',
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
