import { readFileSync } from 'node:fs';
import { mirrorVariable } from '../service/docker/image-name.js';
import type { Environment } from '../service/variables.js';

/**
 * Those variables of the environment that a compose file asks for, and the image mirror: what makes a container another
 * one. The supervisor that starts it has an environment of its own.
 */
export function composeVariables(file: string, environment: Environment): Record<string, string> {
  const asked = [...textOf(file).matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = '']) => name);
  return Object.fromEntries(
    [...new Set([mirrorVariable, ...asked])].flatMap((name) => {
      const value = environment[name];
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // whoever starts it says that it is not there
  }
}
