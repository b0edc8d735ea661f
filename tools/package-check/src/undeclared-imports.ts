import { isBuiltin } from 'node:module';

/** What a package says that it needs: its name, and the names of all that npm installs with it. */
export interface Declared {
  readonly name: string;
  readonly dependencies: readonly string[];
}

/**
 * The packages that a file of JavaScript or declarations imports and its package does not declare, each once. They would
 * be found in this repository, and not where the package is installed alone.
 */
export function undeclaredImports(text: string, { name, dependencies }: Declared): string[] {
  const declared = new Set([name, ...dependencies]);
  const specifiers = [
    ...text.matchAll(/^\s*(?:import|export)\b[^'"`;]*?from\s*(['"])([^'"\n]+)\1/gm),
    ...text.matchAll(/^\s*import\s*(['"])([^'"\n]+)\1/gm),
    ...text.matchAll(/\bimport\(\s*(['"])([^'"\n]+)\1\s*\)/g),
  ].map(([, , specifier = '']) => specifier);
  const packages = specifiers
    .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
    .map((specifier) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(packages)].filter((each) => !declared.has(each));
}
