import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generateFiles, joinPathFragments, OverwriteStrategy, type Tree } from '@nx/devkit';

/** The folder of the templates, in the package as in its sources. */
export const templates = fileURLToPath(new URL('../../templates', import.meta.url));

/**
 * Copies the files of a template folder, with `<%= name %>` filled in. What is there already is somebody's work and stays.
 *
 * @returns The paths that were left as they are.
 */
export function copyUnlessThere(
  tree: Tree,
  from: string,
  to: string,
  values: Readonly<Record<string, unknown>>,
): string[] {
  const kept = readdirSync(from)
    .map((file) => joinPathFragments(to, named(file, values)))
    .filter((path) => tree.exists(path));
  generateFiles(tree, from, to, { ...values }, { overwriteStrategy: OverwriteStrategy.KeepExisting });
  return kept;
}

/** As `generateFiles` names it: `__kind__` in a name stands for a value. */
function named(file: string, values: Readonly<Record<string, unknown>>): string {
  return file.replace(/\.template$/, '').replace(/__(\w+?)__/g, (_, name: string) => String(values[name]));
}
