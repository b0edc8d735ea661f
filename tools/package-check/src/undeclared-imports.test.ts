import { undeclaredImports } from './undeclared-imports.js';

const found = (text: string): string[] =>
  undeclaredImports(text, { name: '@x/own', dependencies: ['pg', '@x/other'] });

describe('an import', () => {
  test.each([
    "import { a } from 'stray/part';",
    "import {\n  a,\n  b,\n} from 'stray';",
    'import "stray";',
    "export { a } from 'stray';",
    "import type { A } from 'stray';",
    "const load = async () => (await import('stray')).default;",
    "declare const a: import('stray').A;",
  ])('of a package that is not declared is found: %s', (text) => {
    expect(found(text)).toEqual(['stray']);
  });

  test('is named by its package, once', () => {
    expect(found("import a from '@y/z/deep';\nimport b from '@y/z';")).toEqual(['@y/z']);
  });

  test('is fine of Node, of the package itself, beside it, and of what is declared', () => {
    const text = ['node:fs', 'fs', '@x/own', './a.js', 'pg', 'pg/lib/x', '@x/other'].map(
      (from) => `import a from '${from}';`,
    );
    expect(found(text.join('\n'))).toEqual([]);
  });

  test('is not what a comment or a text says of one', () => {
    expect(found("// see import 'stray'\nconst a = `the words from 'stray'`;")).toEqual([]);
  });
});
