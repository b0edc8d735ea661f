import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseDocument } from 'yaml';
import { composeSchema, environmentPairs } from '../service/docker/compose-schema.js';
import { readEnvFile } from '../service/docker/env-file.js';
import { mirrorVariable } from '../service/docker/image-name.js';
import type { Environment } from '../service/variables.js';

/**
 * Those variables that a compose file asks for, and the image mirror: what makes a container another one. The supervisor
 * that starts it has an environment of its own. What `environment` has not is taken from the file `.env` beside the
 * compose file, as compose does.
 */
export function composeVariables(file: string, environment: Environment): Record<string, string> {
  const text = textOf(file);
  const written = readEnvFile(textOf(join(dirname(file), '.env')), environment);
  const filledIn = [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = '']) => name);
  return Object.fromEntries(
    [...new Set([mirrorVariable, ...filledIn, ...namesWithoutValue(text)])].flatMap((name) => {
      const value = environment[name] ?? written[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** What is passed on to containers under the same name. */
function namesWithoutValue(text: string): string[] {
  const yaml = parseDocument(text, { merge: true });
  const found = yaml.errors.length > 0 ? undefined : composeSchema.safeParse(yaml.toJS());
  return Object.values(found?.data?.services ?? {}).flatMap((settings) =>
    environmentPairs(settings).flatMap(([name, value]) => (value === null ? [name] : [])),
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // there may be no .env; without a compose file, whoever starts it says that it is not there
  }
}
